//! What a timeline entry is: its kind of fact, and the part of the story it belongs to.

kit::words!(
    /// The kind of fact that an entry states.
    Fact {
        /// Something happened.
        Event = "event", "Event";
        /// A sign that could be seen: an alert, a metric, an error, a report.
        Indicator = "indicator", "Indicator";
        /// Someone or something acted on the system.
        Action = "action", "Action";
        /// What came of it.
        Outcome = "outcome", "Outcome";
        /// A choice was made.
        Decision = "decision", "Decision";
        /// Somebody was told.
        Communication = "communication", "Communication";
        /// What helps to understand the rest.
        Context = "context", "Context";
    }
);

kit::words!(
    /// The part of the story that an entry belongs to.
    Phase {
        /// Before anyone noticed.
        LeadUp = "lead_up", "Lead-up";
        /// It was noticed.
        Detection = "detection", "Detection";
        /// People looked for what was happening.
        Diagnosis = "diagnosis", "Diagnosis";
        /// People ended the harm.
        Repair = "repair", "Repair";
        /// A moment on which the course turned.
        KeyMoment = "key_moment", "Key moment";
        /// The severe harm was over.
        After = "after", "After";
    }
);

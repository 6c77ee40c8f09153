-- What a retrospective's steps differ in from those of its kind. A step without a row is as its kind has it.
create table steps (
    retrospective_id text not null references retrospectives (id),
    -- The id in the kind, or own-1 for one that was added.
    step             text not null,
    -- Of one that was added; of the kind's own they are null.
    name             text,
    role             text,
    anchor           text,
    due_after        text,
    add_reason       text,
    -- Where it stands, when it was moved.
    place            bigint,
    move_reason      text,
    skip_reason      text,
    skipped_by       text references people (id),
    skipped_at       timestamptz,
    -- What was done elsewhere, and where that is seen.
    done_note        text,
    done_by          text references people (id),
    done_at          timestamptz,
    primary key (retrospective_id, step)
);

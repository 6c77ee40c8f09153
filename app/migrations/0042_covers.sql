-- Incidents that a retrospective covers beside its own.
create table retrospective_incidents (
    retrospective_id text not null references retrospectives (id),
    incident_id      text not null references incidents (id),
    by_person        text not null references people (id),
    at               timestamptz not null,
    reason           text not null,
    primary key (retrospective_id, incident_id)
);
create index retrospective_incidents_incident on retrospective_incidents (incident_id);

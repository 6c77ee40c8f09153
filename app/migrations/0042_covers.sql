-- Incidents that a retrospective covers beside its own.
create table retrospective_incidents (
    retrospective_id text not null references retrospectives (id),
    covered_id       text not null references incidents (id),
    by_person        text not null references people (id),
    at               timestamptz not null,
    reason           text not null,
    primary key (retrospective_id, covered_id)
);
create index retrospective_incidents_covered on retrospective_incidents (covered_id);

-- What is written in a field of a retrospective. Every value is kept; the last one stands.
create table field_values (
    retrospective_id text not null references retrospectives (id),
    field            text not null,
    version          bigint not null,
    -- None when the field was emptied.
    value            jsonb,
    by_person        text not null references people (id),
    at               timestamptz not null,
    primary key (retrospective_id, field, version)
);

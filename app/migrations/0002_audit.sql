-- Append-only: no statement of the program updates or deletes here.
create table activity (
    id          text primary key,
    at          timestamptz not null,
    -- Nobody when the product itself did it.
    person_id   text references people (id),
    what        text not null,
    object      text not null,
    -- Whose readers may read this line; none for people, teams and settings.
    incident_id text,
    before      jsonb,
    after       jsonb
);
create index activity_incident on activity (incident_id, id);

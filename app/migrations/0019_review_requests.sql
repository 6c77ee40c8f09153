-- Somebody asked that an incident is reviewed, and what they were answered.
create table review_requests (
    id               text primary key,
    incident_id      text not null references incidents (id),
    asked_by         text not null references people (id),
    reason           text not null,
    asked_at         timestamptz not null,
    due_at           timestamptz not null,
    state            text not null check (state in ('open', 'accepted', 'declined')),
    answered_by      text references people (id),
    answered_at      timestamptz,
    answer           text not null
);
create index review_requests_incident on review_requests (incident_id, id);
create index review_requests_state on review_requests (state, due_at, id);
-- One at a time of each person for each incident.
create unique index review_requests_open on review_requests (incident_id, asked_by) where state = 'open';

create table releases (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    incident_id      text references incidents (id),
    -- 1, 2, … in the retrospective.
    number           bigint not null,
    title            text not null,
    label            text not null,
    audience         text not null,
    what_changed     text not null,
    -- Rendered once; served as it was (I9). The body of the page, the Markdown and the JSON.
    html             text not null,
    markdown         text not null,
    json             text not null,
    -- Of the JSON, which holds everything that the others show.
    sha256           text not null,
    state            text not null check (state in ('published', 'superseded', 'withdrawn')),
    published_by     text not null references people (id),
    published_at     timestamptz not null,
    unique (retrospective_id, number)
);
create index releases_incident on releases (incident_id, published_at);

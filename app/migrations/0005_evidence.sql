create table imports (
    id          text primary key,
    incident_id text not null references incidents (id),
    file_name   text not null,
    source      text not null,
    -- The raw body, kept as it came, under this digest in the folder of files.
    sha256      text not null,
    size_bytes  bigint not null,
    added       bigint not null,
    already     bigint not null,
    set_aside   bigint not null,
    imported_by text not null references people (id),
    imported_at timestamptz not null,
    undone_by   text references people (id),
    undone_at   timestamptz
);
create index imports_incident on imports (incident_id, id);

create table set_asides (
    import_id text not null references imports (id),
    n         bigint not null,
    file      text not null,
    place     text not null,
    why       text not null,
    primary key (import_id, n)
);

-- Immutable: no statement updates a body, a time or a digest. An import that is undone hides its
-- items by `imports.undone_at`; `import_id` moves to the import that brought them again.
create table evidence (
    id            text primary key,
    incident_id   text not null references incidents (id),
    import_id     text references imports (id),
    kind          text not null,
    source        text not null,
    external_id   text not null,
    occurred_at   timestamptz not null,
    precision     text not null,
    -- instant, stated:+02:00, said:Europe/London
    zone_origin   text not null,
    author        text,
    author_is_bot boolean not null,
    body          text not null,
    place         text,
    answers       text,
    url           text,
    signals       jsonb not null,
    series        jsonb not null,
    -- An image's or file's digest in the folder of files.
    file_sha256   text,
    file_name     text,
    -- Of kind, source, external id, time, author, body: what the item says, for ever.
    content_hash  text not null,
    recorded_at   timestamptz not null,
    recorded_by   text not null references people (id),
    unique (incident_id, source, external_id)
);
create index evidence_incident on evidence (incident_id, occurred_at, id);
create index evidence_import on evidence (import_id);

-- What people say of an item, apart from it.
create table evidence_marks (
    evidence_id text not null references evidence (id),
    mark        text not null check (mark in ('pinned', 'dismissed')),
    by_person   text not null references people (id),
    at          timestamptz not null,
    primary key (evidence_id, mark)
);

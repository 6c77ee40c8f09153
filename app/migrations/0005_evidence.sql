create table imports (
    id          text primary key,
    incident_id text not null references incidents (id),
    -- Without tokens and addresses.
    file_name   text not null,
    -- The importer's name; empty until it is known.
    source      text not null,
    -- The raw body, kept as it came, under this digest in the folder of files.
    sha256      text not null,
    size_bytes  bigint not null,
    -- waiting: somebody has yet to say which column is what. Only what is finished is seen.
    state       text not null check (state in ('waiting', 'reading', 'finished', 'failed')),
    -- Why it failed, for people.
    failure     text,
    -- What the person said beforehand: an IANA name, a day, which column is what.
    zone        text,
    day         text,
    mapping     jsonb,
    -- How far it came while it is read; what came of it when it is finished.
    added       bigint not null,
    already     bigint not null,
    set_aside   bigint not null,
    -- Whether something was set aside for want of a zone.
    needs_zone  boolean not null,
    imported_by text not null references people (id),
    imported_at timestamptz not null,
    finished_at timestamptz,
    undone_by   text references people (id),
    undone_at   timestamptz
);
create index imports_incident on imports (incident_id, id);

-- The first 10,000 of an import; `imports.set_aside` counts all.
create table set_asides (
    import_id text not null references imports (id),
    n         bigint not null,
    file      text,
    place     text not null,
    why       text not null,
    primary key (import_id, n)
);

-- Immutable: no statement updates a body, a time or a digest. What an import brought is seen while
-- that import is finished and not undone; `import_id` moves to the import that brings it again. An
-- id is made from the incident and what the item says, so that the same fact is the same row.
create table evidence (
    id            text primary key,
    incident_id   text not null references incidents (id),
    import_id     text references imports (id),
    first_import  text references imports (id),
    kind          text not null,
    source        text not null,
    external_id   text not null,
    occurred_at   timestamptz not null,
    -- Its place among those of the same instant, as its file has them.
    tie           bigint not null,
    precision     text not null,
    -- instant, stated:+02:00, said:Europe/London
    zone_origin   text not null,
    author        text,
    author_key    text,
    author_is_bot boolean not null,
    body          text not null,
    place         text,
    answers       text,
    url           text,
    signals       jsonb not null,
    -- Pinned or starred where it comes from.
    source_pinned boolean not null,
    series        jsonb not null,
    -- An image's or file's digest in the folder of files.
    file_sha256   text,
    file_name     text,
    -- Of kind, source, external id, time, author, body and series: what it says, for ever.
    content_hash  text not null,
    recorded_at   timestamptz not null,
    recorded_by   text not null references people (id)
);
create index evidence_incident on evidence (incident_id, occurred_at, tie, id);
create index evidence_known on evidence (incident_id, source, external_id);
create index evidence_counts on evidence (incident_id, import_id, source, kind);

-- What people say of an item, apart from it.
create table evidence_marks (
    evidence_id text not null references evidence (id),
    mark        text not null check (mark in ('pinned', 'dismissed')),
    by_person   text not null references people (id),
    at          timestamptz not null,
    primary key (evidence_id, mark)
);

-- One row for each incident whose timeline was ever touched. A verb counts it up first, so that two
-- changes of one timeline happen one after the other.
create table timelines (
    incident_id text primary key references incidents (id),
    changes     bigint not null
);

create table timeline_entries (
    id            text primary key,
    incident_id   text not null references incidents (id),
    at            timestamptz not null,
    until         timestamptz,
    precision     text not null,
    uncertainty_s bigint not null,
    fact          text not null,
    phase         text,
    text          text not null,
    -- person:HANDLE, role:WORD, system:NAME or a plain name
    actor         text,
    -- Whether it was known at that moment; when not, since when.
    known_then    boolean not null,
    learned_at    timestamptz,
    -- From someone's memory, so it needs no evidence (I2).
    from_memory   boolean not null,
    -- What an action came to: worked, did_not, unknown.
    result        text,
    -- Among equal times.
    tie           bigint not null,
    created_by    text not null references people (id),
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    version       bigint not null,
    -- Kept, so that undo and what cites it find it.
    deleted_at    timestamptz
);
create index timeline_entries_incident on timeline_entries (incident_id, at, tie, id);

create table entry_citations (
    entry_id    text not null references timeline_entries (id),
    evidence_id text not null references evidence (id),
    primary key (entry_id, evidence_id)
);
create index entry_citations_evidence on entry_citations (evidence_id);

-- Each change with what was before, so that it can be undone for a day.
create table timeline_changes (
    id          text primary key,
    incident_id text not null references incidents (id),
    -- Counts the changes of one timeline.
    n           bigint not null,
    what        text not null,
    -- What was done, as it is said to people.
    says        text not null,
    by_person   text not null references people (id),
    at          timestamptz not null,
    -- The ids of the entries it touched.
    entries     jsonb not null,
    -- The entries before and after, whole.
    before      jsonb not null,
    after       jsonb not null,
    undone_at   timestamptz,
    unique (incident_id, n)
);

-- Proposed entries and questions that somebody put aside, by a digest of what they are about.
create table timeline_put_aside (
    incident_id text not null references incidents (id),
    mark        text not null,
    by_person   text not null references people (id),
    at          timestamptz not null,
    primary key (incident_id, mark)
);

create table retrospectives (
    id            text primary key,
    -- None for a project or event that was no incident.
    incident_id   text references incidents (id),
    -- Which of its incident's retrospectives, from 1.
    nth           bigint not null,
    kind          text not null,
    -- Of kinds.toml, as it was when this was opened (I23).
    kind_version  bigint not null,
    kind_reason   text not null,
    title         text not null,
    state         text not null,
    owner_id      text references people (id),
    facilitator_id text references people (id),
    -- "No action" is a valid result when it has its reason.
    no_action_because text not null,
    waived_code   text,
    created_by    text not null references people (id),
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    version       bigint not null,
    unique (incident_id, nth)
);

create table retrospective_moves (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    -- From 1 on; times may be equal.
    n                bigint not null,
    state            text not null,
    at               timestamptz not null,
    by_person        text not null references people (id),
    reason           text not null,
    unique (retrospective_id, n)
);

-- Its people: who may see the draft.
create table retrospective_people (
    retrospective_id text not null references retrospectives (id),
    person_id        text not null references people (id),
    role             text not null,
    added_at         timestamptz not null,
    primary key (retrospective_id, person_id, role)
);
create index retrospective_people_person on retrospective_people (person_id, retrospective_id);

create table sections (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    -- The section's id in the library or the kind: sum, imp, fac, sec-scope.
    section          text not null,
    position         bigint not null,
    state            text not null check (state in ('empty', 'draft', 'ready', 'confirmed')),
    -- Markdown. Issue 4 keeps it as a Y.Text beside this rendering of it.
    text             text not null,
    version          bigint not null,
    updated_by       text references people (id),
    updated_at       timestamptz not null,
    confirmed_by     text references people (id),
    unique (retrospective_id, section)
);
-- Every saved text, so that no edit is ever lost.
create table section_versions (
    section_id text not null references sections (id),
    version    bigint not null,
    text       text not null,
    by_person  text not null references people (id),
    at         timestamptz not null,
    primary key (section_id, version)
);

create table lessons (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    sort             text not null,
    text             text not null,
    position         bigint not null,
    created_by       text not null references people (id),
    created_at       timestamptz not null,
    version          bigint not null,
    deleted_at       timestamptz
);
create index lessons_retrospective on lessons (retrospective_id, position, id);

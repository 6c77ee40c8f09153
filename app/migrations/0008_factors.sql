create table factors (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    -- One condition. No column of this table names a person as its subject (I4).
    statement        text not null check (statement <> ''),
    certainty        text not null check (certainty in
        ('proposed', 'hypothesis', 'supported', 'confirmed', 'refuted', 'unknown')),
    -- The explanatory path it belongs to; several stand side by side, none is the first.
    path             text not null,
    direct_cause     boolean not null,
    -- Lists of words: the five facets of domain-model 2.5.
    triggers         jsonb not null,
    layers           jsonb not null,
    roles            jsonb not null,
    responses        jsonb not null,
    recurrences      jsonb not null,
    position         bigint not null,
    created_by       text not null references people (id),
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    version          bigint not null,
    deleted_at       timestamptz
);
-- The direct cause is a lens: at most one factor is looked at through it.
create unique index factors_direct_cause on factors (retrospective_id)
where direct_cause and deleted_at is null;
create index factors_retrospective on factors (retrospective_id, position, id);
create table factor_citations (
    factor_id   text not null references factors (id),
    evidence_id text not null references evidence (id),
    primary key (factor_id, evidence_id)
);
create table factor_entries (
    factor_id text not null references factors (id),
    entry_id  text not null references timeline_entries (id),
    primary key (factor_id, entry_id)
);

create table recommendations (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    target           text not null check (target in ('system', 'process', 'communication')),
    text             text not null,
    rationale        text not null,
    created_by       text not null references people (id),
    created_at       timestamptz not null,
    version          bigint not null,
    deleted_at       timestamptz
);
create index recommendations_retrospective on recommendations (retrospective_id, id);
create table recommendation_factors (
    recommendation_id text not null references recommendations (id),
    factor_id         text not null references factors (id),
    primary key (recommendation_id, factor_id)
);

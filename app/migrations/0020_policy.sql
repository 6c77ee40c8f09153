-- Every policy that was in force, as it was written; the newest is.
create table policy_versions (
    version    bigint primary key,
    text       text not null,
    note       text not null,
    -- As it came with the product: a newer product may bring a newer one.
    is_shipped boolean not null,
    saved_by   text references people (id),
    saved_at   timestamptz not null
);

-- What the policy chose for an incident, and what people made of it. One for each incident.
create table policy_decisions (
    id             text primary key,
    incident_id    text not null unique references incidents (id),
    policy_version bigint not null references policy_versions (version),
    kind           text,
    rule           text not null,
    -- The rules tried, what is to be done beside it, what is missing.
    choice         jsonb not null,
    -- What was known when it chose.
    facts          jsonb not null,
    made_at        timestamptz not null,
    outcome        text not null check (outcome in ('open', 'accepted', 'changed', 'waived')),
    decided_kind   text,
    reason         text not null,
    answered_by    text references people (id),
    answered_at    timestamptz
);
create index policy_decisions_outcome on policy_decisions (outcome, id);

-- The version of the policy when it was decided (I23); none for what was before there were versions.
alter table retrospectives add column policy_version bigint;

create table incidents (
    id            text primary key,
    -- People see INC-42. Never reused.
    number        bigint not null unique,
    title         text not null check (length(title) between 1 and 200),
    title_key     text not null,
    kind          text not null,
    severity      bigint check (severity between 1 and 4),
    status        text not null check (status in ('draft', 'active', 'mitigated', 'resolved', 'closed', 'cancelled', 'merged')),
    description   text not null,
    detection     text not null,
    environment   text not null,
    label         text not null check (label in ('clear', 'green', 'amber', 'amber_strict', 'red')),
    -- Declared after the fact: nobody was called together.
    report_only   boolean not null,
    declared_by   text not null references people (id),
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    version       bigint not null
);

-- Who may see a red incident. Kept for every label, so that turning red loses nobody.
create table incident_access (
    incident_id text not null references incidents (id),
    person_id   text not null references people (id),
    added_by    text not null references people (id),
    added_at    timestamptz not null,
    primary key (incident_id, person_id)
);

create table incident_statuses (
    id          text primary key,
    incident_id text not null references incidents (id),
    status      text not null,
    at          timestamptz not null,
    by_person   text not null references people (id),
    reason      text not null
);
create index incident_statuses_incident on incident_statuses (incident_id, id);

create table severities (
    id          text primary key,
    incident_id text not null references incidents (id),
    severity    bigint not null check (severity between 1 and 4),
    at          timestamptz not null,
    by_person   text not null references people (id),
    reason      text not null
);
create index severities_incident on severities (incident_id, at, id);

create table incident_services (
    incident_id text not null references incidents (id),
    service_id  text not null references services (id),
    primary key (incident_id, service_id)
);
create table incident_teams (
    incident_id text not null references incidents (id),
    team_id     text not null references teams (id),
    primary key (incident_id, team_id)
);

create table participants (
    id                  text primary key,
    incident_id         text not null references incidents (id),
    person_id           text references people (id),
    -- For someone without an account, or a pseudonym.
    name                text not null,
    -- A list of words.
    roles               jsonb not null,
    joined_at           timestamptz,
    left_at             timestamptz,
    on_call             boolean not null,
    called_out_of_hours boolean not null
);
create index participants_incident on participants (incident_id, id);

create table impact_windows (
    id               text primary key,
    incident_id      text not null references incidents (id),
    started_at       timestamptz not null,
    ended_at         timestamptz,
    severity         bigint,
    surface          text not null,
    effect           text not null,
    users_count      bigint,
    users_method     text not null,
    users_confidence text,
    percent          double precision,
    requests_failed  bigint,
    support_cases    bigint,
    slo_burn_percent double precision,
    -- Money in minor units; lost is expected minus actual and is never stored.
    money_expected   bigint,
    money_actual     bigint,
    currency         text,
    money_basis      text not null
);
create index impact_windows_incident on impact_windows (incident_id, started_at, id);

create table key_times (
    incident_id            text not null references incidents (id),
    name                   text not null,
    -- What was first recorded is kept for ever; what is believed now is the override, if there is one.
    recorded_at            timestamptz not null,
    recorded_precision     text not null,
    recorded_uncertainty_s bigint not null,
    source                 text not null,
    evidence_id            text,
    recorded_by            text not null references people (id),
    recorded_on            timestamptz not null,
    override_at            timestamptz,
    override_precision     text,
    override_uncertainty_s bigint,
    override_by            text references people (id),
    override_on            timestamptz,
    override_reason        text,
    primary key (incident_id, name)
);

create table related_incidents (
    incident_id text not null references incidents (id),
    other_id    text not null references incidents (id),
    relation    text not null check (relation in ('repeat_of', 'related', 'duplicate_of')),
    note        text not null,
    primary key (incident_id, other_id)
);

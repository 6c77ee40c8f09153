create table risks (
    id               text primary key,
    -- People see RISK-3.
    number           bigint not null unique,
    retrospective_id text references retrospectives (id),
    incident_id      text references incidents (id),
    -- The action that became this risk.
    action_id        text references actions (id),
    statement        text not null,
    likelihood       text not null check (likelihood in ('low', 'medium', 'high')),
    impact           text not null check (impact in ('low', 'medium', 'high')),
    softened_by      text not null,
    state            text not null check (state in ('open', 'treated', 'accepted', 'due_for_review', 'closed')),
    accepted_by      text references people (id),
    accepted_at      timestamptz,
    -- Days, YYYY-MM-DD.
    accepted_until   text,
    review_on        text,
    created_by       text not null references people (id),
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    version          bigint not null
);
create index risks_review on risks (review_on, number);
create table risk_moves (
    id        text primary key,
    risk_id   text not null references risks (id),
    state     text not null,
    at        timestamptz not null,
    by_person text not null references people (id),
    note      text not null
);
create index risk_moves_risk on risk_moves (risk_id, id);

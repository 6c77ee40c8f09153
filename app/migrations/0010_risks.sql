create table risks (
    id               text primary key,
    -- People see RISK-3.
    number           bigint not null unique,
    retrospective_id text not null references retrospectives (id),
    -- Through which it is seen.
    incident_id      text not null references incidents (id),
    -- The action that became this risk; its history is one with this one's (I8).
    action_id        text unique references actions (id),
    statement        text not null check (statement <> ''),
    likelihood       text not null check (likelihood in ('low', 'medium', 'high')),
    impact           text not null check (impact in ('low', 'medium', 'high')),
    softened_by      text not null,
    state            text not null check (state in
        ('open', 'treated', 'accepted', 'due_for_review', 'closed')),
    accepted_by      text references people (id),
    accepted_at      timestamptz,
    -- Days, YYYY-MM-DD.
    accepted_until   text,
    review_on        text,
    created_by       text not null references people (id),
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    version          bigint not null,
    check (state <> 'accepted' or (accepted_by is not null and accepted_at is not null
        and accepted_until is not null and review_on is not null)),
    -- I8: what an action became is looked at again on a day.
    check (action_id is null or state = 'closed' or review_on is not null)
);
create index risks_review on risks (review_on, number);
create index risks_retrospective on risks (retrospective_id, number);
create table risk_factors (
    risk_id   text not null references risks (id),
    factor_id text not null references factors (id),
    primary key (risk_id, factor_id)
);
-- What treats it.
create table risk_actions (
    risk_id   text not null references risks (id),
    action_id text not null references actions (id),
    primary key (risk_id, action_id)
);
create table risk_services (
    risk_id    text not null references risks (id),
    service_id text not null references services (id),
    primary key (risk_id, service_id)
);
create table risk_moves (
    id        text primary key,
    risk_id   text not null references risks (id),
    -- From 1 on; times may be equal.
    n         bigint not null,
    state     text not null,
    at        timestamptz not null,
    by_person text not null references people (id),
    note      text not null,
    unique (risk_id, n)
);

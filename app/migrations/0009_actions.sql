create table actions (
    id                text primary key,
    -- People see ACT-7.
    number            bigint not null unique,
    retrospective_id  text not null references retrospectives (id),
    -- Through which it is seen.
    incident_id       text references incidents (id),
    title             text not null,
    done_when         text not null,
    state             text not null,
    owner_id          text references people (id),
    -- A team may own an investigation, with a day by which it names a person (I6).
    team_id           text references teams (id),
    name_person_by    text,
    -- A day, YYYY-MM-DD.
    due               text,
    class             text not null,
    aim               text not null,
    strength          text not null,
    priority          text,
    effort            text not null,
    recommendation_id text references recommendations (id),
    created_by        text not null references people (id),
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    version           bigint not null
);
create index actions_retrospective on actions (retrospective_id, number);
create index actions_owner on actions (owner_id, due, number);
create table action_factors (
    action_id text not null references actions (id),
    factor_id text not null references factors (id),
    primary key (action_id, factor_id)
);
-- One history, also when it becomes a risk (I8).
create table action_moves (
    id        text primary key,
    action_id text not null references actions (id),
    state     text not null,
    at        timestamptz not null,
    by_person text not null references people (id),
    -- The done note, the reason, or what proves it.
    note      text not null
);
create index action_moves_action on action_moves (action_id, id);

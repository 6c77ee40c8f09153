create table actions (
    id                text primary key,
    -- People see ACT-7.
    number            bigint not null unique,
    retrospective_id  text not null references retrospectives (id),
    -- Through which it is seen.
    incident_id       text not null references incidents (id),
    title             text not null check (title <> ''),
    done_when         text not null,
    state             text not null check (state in
        ('proposed', 'accepted', 'in_progress', 'done', 'verified', 'moved_to_risk', 'dropped',
         'declined', 'reopened')),
    owner_id          text references people (id),
    -- A team may own an investigation, with a day by which it names a person.
    team_id           text references teams (id),
    name_person_by    text,
    -- A day, YYYY-MM-DD.
    due               text,
    class             text not null,
    aim               text not null,
    strength          text not null,
    priority          text,
    -- What it takes and what it is expected to change, in words.
    effort            text not null,
    effect            text not null,
    recommendation_id text references recommendations (id),
    -- The number of the risk that it became.
    risk_number       bigint,
    created_by        text not null references people (id),
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    version           bigint not null,
    -- I6: a promise has one owning person (a team, for an investigation), a day and a done-when.
    check (state in ('proposed', 'declined') or (due is not null and done_when <> '' and (
        (owner_id is not null and team_id is null) or
        (owner_id is null and team_id is not null and name_person_by is not null
         and aim = 'investigation')))),
    -- I8
    check (state <> 'moved_to_risk' or risk_number is not null)
);
create index actions_retrospective on actions (retrospective_id, number);
create index actions_owner on actions (owner_id, due, number);
create index actions_due on actions (due, number);
create table action_factors (
    action_id text not null references actions (id),
    factor_id text not null references factors (id),
    primary key (action_id, factor_id)
);
-- One history, also when it becomes a risk (I8).
create table action_moves (
    id        text primary key,
    action_id text not null references actions (id),
    -- From 1 on; times may be equal.
    n         bigint not null,
    state     text not null,
    at        timestamptz not null,
    by_person text not null references people (id),
    -- The done note, the reason, or what proves it (I7).
    note      text not null,
    unique (action_id, n)
);

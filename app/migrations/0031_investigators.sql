-- How somebody is found who investigates, as it was and is; the newest holds.
create table investigator_rules (
    version       bigint primary key,
    -- By the chain, or by hand.
    method        text not null check (method in ('chain', 'by_hand')),
    -- Those of the chain that are tried, in their order: "pool,nearest,…".
    rungs         text not null,
    -- Working hours of whoever is asked, in which they answer.
    answer_hours  bigint not null check (answer_hours between 1 and 80),
    -- Who is here for fewer months is new.
    tenure_months bigint not null check (tenure_months between 0 and 120),
    -- Who owns so many open reviews is not asked for another.
    most_open     bigint not null check (most_open between 1 and 50),
    -- Whom it comes to in the end.
    last_team_id  text references teams (id),
    saved_by      text not null references people (id),
    saved_at      timestamptz not null
);

-- Who is trained to investigate.
create table investigators (
    person_id    text primary key references people (id),
    training     text not null,
    skills       text not null,
    is_available boolean not null,
    added_by     text not null references people (id),
    added_at     timestamptz not null,
    version      bigint not null
);
create table investigator_services (
    person_id  text not null references investigators (person_id),
    service_id text not null references services (id),
    primary key (person_id, service_id)
);

-- Whom a review came to: asked, and what came of it. That somebody said no and that nobody answered
-- is the same here, on purpose.
create table investigator_turns (
    id               text primary key,
    retrospective_id text not null references retrospectives (id),
    -- The incident's page asks for these alone.
    incident_id      text not null references incidents (id),
    n                bigint not null,
    -- Nobody when the chain came to its end.
    person_id        text references people (id),
    rule             text not null,
    because          text not null,
    -- The rules before it, each with why it chose nobody.
    tried            jsonb not null,
    -- What whoever hands it over says.
    context          text not null,
    -- Who handed it over or began the search; nobody when the product went on.
    asked_by         text references people (id),
    asked_at         timestamptz not null,
    -- Until when they answer; none when it is theirs at once.
    due_at           timestamptz,
    state            text not null check (state in ('open', 'taken', 'went_on', 'handed_over', 'withdrawn', 'nobody')),
    ended_at         timestamptz,
    unique (retrospective_id, n)
);
create unique index investigator_turns_open on investigator_turns (retrospective_id) where state = 'open';
create index investigator_turns_incident on investigator_turns (incident_id, id) where state in ('open', 'nobody');
create index investigator_turns_due on investigator_turns (due_at, id) where state = 'open';
create index investigator_turns_person on investigator_turns (person_id, id) where state = 'open';

-- Who owned a review from when until when: what nobody owned is what lies between.
create table investigator_terms (
    retrospective_id text not null references retrospectives (id),
    n                bigint not null,
    person_id        text not null references people (id),
    rule             text not null,
    since            timestamptz not null,
    until            timestamptz,
    primary key (retrospective_id, n)
);

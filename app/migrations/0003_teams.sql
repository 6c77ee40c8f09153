create table teams (
    id         text primary key,
    slug       text not null unique,
    name       text not null,
    name_key   text not null unique,
    created_at timestamptz not null
);
create table team_members (
    team_id   text not null references teams (id),
    person_id text not null references people (id),
    primary key (team_id, person_id)
);
create table services (
    id          text primary key,
    slug        text not null unique,
    name        text not null,
    name_key    text not null unique,
    team_id     text references teams (id),
    tier        bigint not null check (tier between 1 and 4),
    description text not null,
    created_at  timestamptz not null
);

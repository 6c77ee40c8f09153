-- When people work: where the clock stands, which hours, which days, and the days off.
create table calendars (
    id         text primary key,
    slug       text not null unique,
    name       text not null,
    name_key   text not null unique,
    zone       text not null,
    -- Days of the week as ISO numbers, 1 for Monday: "1,2,3,4,5".
    days       text not null,
    -- Times of day: "09:00".
    opens      text not null,
    closes     text not null,
    -- Whether it holds for every team that has none of its own; at most one does.
    for_all    boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version    bigint not null
);

create table holidays (
    calendar_id text not null references calendars (id),
    -- 2026-12-25
    day         text not null,
    name        text not null,
    primary key (calendar_id, day)
);

create table team_calendars (
    team_id     text primary key references teams (id),
    calendar_id text not null references calendars (id)
);

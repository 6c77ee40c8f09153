-- Append-only: no statement of the program updates or deletes here. Lines are counted without a gap
-- in the order in which they were committed, and each carries the digest of the one before it, so
-- that a changed, removed or inserted line shows (I19).
create table activity (
    id          text primary key,
    -- 1, 2, … in the order of commits: also what the search index follows.
    n           bigint not null unique,
    at          timestamptz not null,
    -- Nobody when the product itself did it.
    person_id   text references people (id),
    what        text not null,
    object      text not null,
    -- Whose readers may read this line; none for people, teams and settings.
    incident_id text,
    before      jsonb,
    after       jsonb,
    -- SHA-256 over the digest before and this line.
    hash        text not null
);
create index activity_incident on activity (incident_id, n);

-- One row: the last line's number and digest. Whoever writes a line takes this row first, so that
-- numbers follow commits on both databases.
create table activity_head (
    one  bigint primary key check (one = 1),
    n    bigint not null,
    hash text not null
);
insert into activity_head (one, n, hash)
values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

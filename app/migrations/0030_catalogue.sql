-- Who people are for the work: when they work, since when they are here, until when they are away.
-- Without hours of their own, those of their team's calendar hold.
alter table people add column works_days text;
alter table people add column works_from text;
alter table people add column works_to text;
-- 2026-03-01: the day on which they joined the organisation.
alter table people add column joined_on text;
-- The last day on which nobody should ask them.
alter table people add column away_until text;
-- Where another catalogue has them: user:default/ada.
alter table people add column catalogue_ref text;
create unique index people_catalogue_ref on people (catalogue_ref);

-- What somebody is called elsewhere.
create table person_handles (
    person_id  text not null references people (id),
    place      text not null check (place in ('chat', 'code', 'pager')),
    handle     text not null,
    handle_key text not null,
    primary key (person_id, place)
);
create unique index person_handles_handle on person_handles (place, handle_key);

-- An invitation for somebody who is in the catalogue and has never signed in.
alter table invitations add column person_id text references people (id);

alter table teams add column description text not null default '';
-- Who answers for the team.
alter table teams add column manager_id text references people (id);
alter table teams add column catalogue_ref text;
create unique index teams_catalogue_ref on teams (catalogue_ref);

alter table services add column catalogue_ref text;
create unique index services_catalogue_ref on services (catalogue_ref);

-- What a service needs to work. A ring is no mistake: some systems need each other.
create table service_dependencies (
    service_id text not null references services (id),
    depends_on text not null references services (id),
    primary key (service_id, depends_on),
    check (service_id <> depends_on)
);
create index service_dependencies_on on service_dependencies (depends_on);

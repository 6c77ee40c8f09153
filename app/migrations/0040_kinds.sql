-- What is put on top of a retrospective's kind: that a regulator asks for something, say.
create table retrospective_overlays (
    retrospective_id text not null references retrospectives (id),
    overlay          text not null,
    by_person        text not null references people (id),
    at               timestamptz not null,
    reason           text not null,
    primary key (retrospective_id, overlay)
);

-- Why a section was taken from the library; none for those that came with the kind.
alter table sections add column added_because text;

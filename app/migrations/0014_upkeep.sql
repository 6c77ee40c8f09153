-- What the product notes about its own database: that its data was made up, and how far that came.
create table upkeep_marks (
    name  text primary key,
    value jsonb not null,
    at    timestamptz not null
);

-- A step waits for something outside, and says for what.
alter table steps add column hold_reason text;
alter table steps add column held_by text references people (id);
alter table steps add column held_at timestamptz;

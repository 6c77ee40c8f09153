-- The file as it was sent stayed in the instance that this row came from: only an export with secrets takes
-- such files along, since chat exports hold tokens and addresses.
alter table imports add column body_left_behind boolean not null default false;

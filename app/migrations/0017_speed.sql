-- What lists and home ask for, so that they read as many rows as they show, however many there are.

-- Incidents of a status, a severity or a kind, the newest first; those that say they are related to one.
create index incidents_status on incidents (status, number);
create index incidents_severity on incidents (severity, number);
create index incidents_kind on incidents (kind, number);
create index related_incidents_other on related_incidents (other_id);

-- What somebody owns; a state, the newest first.
create index retrospectives_owner on retrospectives (owner_id);
create index retrospectives_state on retrospectives (state, id);

-- By the day they are due, what is done after what is owed: all, the open ones, somebody's.
create index actions_day on actions ((case when state = 'done' then '9999-99-98' else coalesce(due, '9999-99-99') end), number);
create index actions_open on actions ((case when state = 'done' then '9999-99-98' else coalesce(due, '9999-99-99') end), number)
    where state in ('proposed', 'accepted', 'in_progress', 'done', 'reopened');
create index actions_own on actions (owner_id, (case when state = 'done' then '9999-99-98' else coalesce(due, '9999-99-99') end), number)
    where state in ('proposed', 'accepted', 'in_progress', 'done', 'reopened');
create index actions_owned on actions (owner_id, (case when state = 'done' then '9999-99-98' else coalesce(due, '9999-99-99') end), number);
create index actions_team on actions (team_id, due);
create index actions_not_doing on actions (number) where state in ('declined', 'dropped');

-- By the day on which one looks again; what somebody carries.
create index risks_open on risks ((coalesce(review_on, '9999-99-99')), number) where state <> 'closed';
create index risks_closed on risks ((coalesce(review_on, '9999-99-99')), number) where state = 'closed';
create index risks_carried on risks (number) where accepted_by is not null;
create index risks_carrier on risks (accepted_by, review_on);

-- The newest releases.
create index releases_newest on releases (published_at desc, id) where state = 'published';

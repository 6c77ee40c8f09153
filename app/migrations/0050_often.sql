-- When harm began, as far as its impact windows say, else when it was written down: kept beside the
-- services that an incident hit, so that the like of it is counted by service and time, however many
-- incidents there are.
alter table incident_services add column began_at timestamptz;
update incident_services set began_at = coalesce(
    (select min(w.started_at) from impact_windows w where w.incident_id = incident_services.incident_id),
    (select i.created_at from incidents i where i.id = incident_services.incident_id));
create index incident_services_began on incident_services (service_id, began_at);

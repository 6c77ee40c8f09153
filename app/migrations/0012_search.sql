-- What an import brought and what came without one, in the order in which the search index reads them.
create index evidence_import on evidence (incident_id, import_id, id);
create index evidence_loose on evidence (incident_id, recorded_at, id) where import_id is null;

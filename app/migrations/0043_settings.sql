-- What an organisation sets for itself, as files: each part in all its versions. The last one is in force.
create table settings_versions (
    part        text not null,
    version     bigint not null,
    -- What remembers this version keeps this number: of what came with the product its own, else the text's.
    fingerprint bigint not null,
    text        text not null,
    note        text not null,
    is_shipped  boolean not null,
    -- None for what came with the product.
    saved_by    text references people (id),
    saved_at    timestamptz not null,
    primary key (part, version)
);
create index settings_versions_fingerprint on settings_versions (part, fingerprint);

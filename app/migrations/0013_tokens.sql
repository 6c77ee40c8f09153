-- Who acts for a program: a person's row that cannot sign in, with a seat.
create table service_accounts (
    person_id  text primary key references people (id),
    about      text not null,
    created_by text not null references people (id),
    created_at timestamptz not null
);

create table tokens (
    id           text primary key,
    -- The digest of the secret; the secret itself is nowhere.
    digest       text not null unique,
    -- The secret's last characters, to tell tokens apart.
    hint         text not null,
    -- Whose seat it acts with.
    person_id    text not null references people (id),
    name         text not null,
    -- Words with spaces between.
    scopes       text not null,
    created_by   text not null references people (id),
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    -- To the hour: which of them are used, not what anybody does.
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   text references people (id)
);
create index tokens_person on tokens (person_id, id);

-- First answers of what was sent with an Idempotency-Key.
create table repeats (
    who         text not null,
    path        text not null,
    key         text not null,
    -- Tells whether the same was sent; made with the instance's key, so that nothing can be guessed.
    fingerprint text not null,
    -- Which run of the process began it.
    run         text not null,
    begun_at    timestamptz not null,
    -- Nothing while it runs, and for ever when the process ended in the middle.
    status      bigint,
    headers     jsonb,
    body        text,
    primary key (who, path, key)
);
create index repeats_begun on repeats (begun_at);

-- What was brought over from elsewhere, by its id there, so that a transfer can be sent again.
create table brought_incidents (
    source      text not null,
    external_id text not null,
    incident_id text not null references incidents (id),
    primary key (source, external_id)
);

create table people (
    id              text primary key,
    handle          text not null,
    handle_key      text not null unique,
    name            text not null,
    name_key        text not null,
    email           text,
    -- Folded in Rust: `lower` knows only ASCII on SQLite.
    email_key       text unique,
    password_digest text,
    seat            text not null check (seat in ('administrator', 'editor', 'contributor', 'reader', 'auditor')),
    zone            text not null,
    created_at      timestamptz not null,
    deactivated_at  timestamptz
);

create table sessions (
    -- The digest of what the cookie holds; the cookie's value itself is nowhere.
    digest       text primary key,
    person_id    text not null references people (id),
    csrf         text not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    -- What to say on the next page: one sentence, shown once.
    flash        text
);
create index sessions_person on sessions (person_id);
create index sessions_expiry on sessions (expires_at);

create table invitations (
    digest     text primary key,
    seat       text not null check (seat in ('administrator', 'editor', 'contributor', 'reader', 'auditor')),
    -- Who invited; nobody for the set-up link.
    invited_by text references people (id),
    note       text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    used_by    text references people (id)
);

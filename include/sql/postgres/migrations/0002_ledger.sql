-- purpose: the ledger: what happened, kept in our tables and not in Airflow's
-- grain: see each table
-- inputs: none
-- outputs: sync.slots, sync.slot_changes, sync.runs, sync.landings, sync.files, sync.findings
-- parameters: none

-- The warehouse is a fold over these rows in slot order: one per slot that is part of it.
create table sync.slots (
    district_id text collate "C" not null,
    domain text collate "C" not null,
    slot text collate "C" not null,
    landing integer not null,
    pin text not null,
    base text not null,             -- names the state the slot's diff was computed against
    run_id uuid not null,
    fingerprints jsonb not null,    -- entity -> content of the state after the slot
    sha256 jsonb not null,          -- file -> sha256 of the bytes applied
    applied_at timestamptz not null default now(),
    primary key (district_id, domain, slot)
);

-- slice(N) in numbers; moves when a slot is recomputed.
create table sync.slot_changes (
    district_id text collate "C" not null,
    domain text collate "C" not null,
    slot text collate "C" not null,
    entity text collate "C" not null,
    rows bigint not null,
    added bigint not null,
    changed bigint not null,
    removed bigint not null,
    unchanged bigint not null,
    carried bigint not null,
    held bigint not null,
    reasons jsonb not null,         -- carried rows by reason
    primary key (district_id, domain, slot, entity),
    foreign key (district_id, domain, slot) references sync.slots on delete cascade
);

-- Every attempt, also the failed ones.
create table sync.runs (
    run_id uuid primary key,
    district_id text collate "C" not null,
    domain text collate "C" not null,
    slot text collate "C" not null,
    landing integer,
    pin text,
    outcome text not null,
    message text not null default '',
    recomputed text[] not null default '{}',
    started_at timestamptz not null,
    finished_at timestamptz not null default now(),
    airflow_run_id text
);
create index runs_by_slot on sync.runs (district_id, domain, slot, finished_at);

create table sync.landings (
    district_id text collate "C" not null,
    domain text collate "C" not null,
    slot text collate "C" not null,
    landing integer not null,
    source text not null,
    landed_at timestamptz not null,
    primary key (district_id, domain, slot, landing)
);

create table sync.files (
    run_id uuid not null references sync.runs on delete cascade,
    file text collate "C" not null,
    state text not null,
    records bigint,
    accepted bigint not null,
    quarantined bigint not null,
    duplicates bigint not null,
    rejected bigint,
    primary key (run_id, file)
);

create table sync.findings (
    run_id uuid not null references sync.runs on delete cascade,
    file text collate "C" not null,
    rule text collate "C" not null,
    severity text not null,
    column_name text,
    record_count bigint not null,
    first_lines bigint[] not null,  -- at most 20 source lines; values never
    message text not null
);
create index findings_by_run on sync.findings (run_id, file);

grant select, insert, update, delete on all tables in schema sync to rostersync_loader;
grant select on all tables in schema sync to rostersync_reader, rostersync_operator;

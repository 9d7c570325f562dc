-- purpose: holds and decisions: what waits for a person, and who decided what and why
-- grain: see each table
-- inputs: none
-- outputs: sync.slots.decided, sync.holds, sync.decisions
-- parameters: none

-- What of the slot is held, and what was approved: a recomputed slot comes out with the same.
alter table sync.slots add column decided jsonb not null default '{}';

-- What waits, or waited. A hold that goes on the next night keeps its id and its age.
create table sync.holds (
    hold_id uuid primary key,
    district_id text collate "C" not null,
    domain text collate "C" not null,
    slot text collate "C" not null,         -- the newest slot it is about; a decision is for this one
    landing integer not null,
    kind text not null check (kind in ('first_load', 'set', 'slices')),
    label text,                             -- what the upload looks like: rollover
    reasons text[] not null default '{}',   -- in words, without a value of a row
    slices jsonb not null default '[]',     -- entity, kind, scope, count, limit, reason, fingerprint
    counts jsonb not null default '{}',     -- rows that would exist, by entity (first load)
    state text not null check (state in ('open', 'approved', 'discarded', 'superseded', 'expired')),
    first_slot text collate "C" not null,
    opened_at timestamptz not null default now(),
    closed_at timestamptz
);
create unique index one_open_hold on sync.holds (district_id, domain) where state = 'open';
create index holds_by_district on sync.holds (district_id, domain, opened_at);

-- Never changed, never removed.
create table sync.decisions (
    decision_id bigint generated always as identity primary key,
    hold_id uuid references sync.holds,
    district_id text collate "C" not null,
    domain text collate "C" not null,
    slot text collate "C" not null,
    landing integer not null,
    action text not null check (action in ('approve', 'discard')),
    slices jsonb not null default '[]',
    until date,                             -- discard: also of later slots, to this date
    decided_by text not null,
    reason text not null check (reason <> ''),
    decided_at timestamptz not null default now()
);
create index decisions_by_district on sync.decisions (district_id, domain, decided_at);

grant select, insert, update on sync.holds to rostersync_loader;
grant select, insert on sync.decisions to rostersync_loader;
grant select on sync.holds, sync.decisions to rostersync_reader, rostersync_operator;

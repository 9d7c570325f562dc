-- purpose: waivers: a rule that is accepted for a district until a date, by whom and why
-- grain: sync.waivers: one row a grant
-- inputs: none
-- outputs: sync.waivers
-- parameters: none

-- A waiver never loads a row: it says that what the rule finds is known. It expires by its date alone.
create table sync.waivers (
    waiver_id bigint generated always as identity primary key,
    district_id text collate "C" not null,
    rule text collate "C" not null,
    until date not null,                        -- the last day it holds, in the district's time zone
    granted_by text not null,
    reason text not null check (reason <> ''),
    granted_at timestamptz not null default now(),
    ended_at timestamptz,                       -- by hand, before its date; null: never
    ended_by text,
    ended_reason text
);
create unique index one_waiver_of_a_rule on sync.waivers (district_id, rule) where ended_at is null;

grant select, insert, update on sync.waivers to rostersync_loader;
grant select on sync.waivers to rostersync_reader, rostersync_operator;

-- purpose: terms and attendance events: current table, change log and history view; what a slot looked into
-- grain: current tables: key; logs: slot x key; history views: key x version
-- inputs: none
-- outputs: roster.terms, roster_log.terms, roster_history.terms; schema attendance with events, event_log,
--          event_history; sync.slots.foreign_states
-- parameters: none

-- Other domains' states, by entity, in which the slot's references were looked for: a recomputed slot uses
-- the same ones.
alter table sync.slots add column foreign_states jsonb not null default '{}';

create schema attendance;
grant usage on schema attendance to rostersync_loader, rostersync_reader, rostersync_operator;

create table roster.terms (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "term_id" text collate "C" not null,
    "term_name" text,
    "portion" text,
    "start_date" date,
    "end_date" date,
    "school_year" smallint,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "term_id")
);
create table roster_log.terms (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "term_id" text collate "C" not null,
    "term_name" text,
    "portion" text,
    "start_date" date,
    "end_date" date,
    "school_year" smallint,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "term_id")
);
create view roster_history.terms with (security_invoker) as
select district_id, "school_id", "term_id", "term_name", "portion", "start_date", "end_date", "school_year", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "term_id" order by slot) as valid_to
    from roster_log.terms
) as versions
where op <> 'D';

create table attendance.events (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "student_id" text collate "C" not null,
    "date" date not null,
    "period" text collate "C" not null,
    "code" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot timestamp not null,
    _changed_slot timestamp not null,
    primary key (district_id, "school_id", "student_id", "date", "period")
);
create table attendance.event_log (
    district_id text collate "C" not null,
    slot timestamp not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "student_id" text collate "C" not null,
    "date" date not null,
    "period" text collate "C" not null,
    "code" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "student_id", "date", "period")
);
create view attendance.event_history with (security_invoker) as
select district_id, "school_id", "student_id", "date", "period", "code", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "student_id", "date", "period" order by slot) as valid_to
    from attendance.event_log
) as versions
where op <> 'D';

-- Who is absent today: asked by date, and the key begins with school and student.
create index events_by_date on attendance.events (district_id, "date");

grant select, insert, update, delete on roster.terms, roster_log.terms to rostersync_loader;
grant select, insert, update, delete on all tables in schema attendance to rostersync_loader;
grant select on roster.terms, roster_log.terms, roster_history.terms to rostersync_reader, rostersync_operator;
grant select on roster_history.terms to rostersync_loader;
grant select on all tables in schema attendance to rostersync_reader, rostersync_operator;

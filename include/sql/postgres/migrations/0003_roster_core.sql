-- purpose: per core entity its current table, its change log and its history view
-- grain: roster.<entity>: key; roster_log.<entity>: slot x key; roster_history.<entity>: key x version
-- inputs: none
-- outputs: roster.*, roster_log.*, roster_history.* of the core entities
-- parameters: none

-- Current: typed copy of the newest state. _first_slot: since when the row is there without a break;
-- _changed_slot, _run_id, _file_sha256, _line: the slot, run, file and line of its present version.
-- Log: each slot owns slice(N) = diff(state(N-1), state(N)); op I added, U changed, D removed.
-- History: a version is valid from its slot until, not including, valid_to.

create table roster.schools (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "school_name" text,
    "school_zip" text,
    "school_address" text,
    "school_city" text,
    "school_state" text,
    "principal_first_name" text,
    "principal_last_name" text,
    "principal_email" text,
    "school_phone" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id")
);
create table roster_log.schools (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "school_name" text,
    "school_zip" text,
    "school_address" text,
    "school_city" text,
    "school_state" text,
    "principal_first_name" text,
    "principal_last_name" text,
    "principal_email" text,
    "school_phone" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id")
);
create view roster_history.schools with (security_invoker) as
select district_id, "school_id", "school_name", "school_zip", "school_address", "school_city", "school_state", "principal_first_name", "principal_last_name", "principal_email", "school_phone", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id" order by slot) as valid_to
    from roster_log.schools
) as versions
where op <> 'D';

create table roster.students (
    district_id text collate "C" not null,
    "school_id" text,
    "student_id" text collate "C" not null,
    "state_student_id" text,
    "first_name" text,
    "last_name" text,
    "grade_level" smallint,
    "status" smallint,
    "student_email" text,
    "cellphone" text,
    "address_line1" text,
    "address_line2" text,
    "city" text,
    "postal_code" text,
    "attributes" json,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "student_id")
);
create table roster_log.students (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text,
    "student_id" text collate "C" not null,
    "state_student_id" text,
    "first_name" text,
    "last_name" text,
    "grade_level" smallint,
    "status" smallint,
    "student_email" text,
    "cellphone" text,
    "address_line1" text,
    "address_line2" text,
    "city" text,
    "postal_code" text,
    "attributes" json,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "student_id")
);
create view roster_history.students with (security_invoker) as
select district_id, "school_id", "student_id", "state_student_id", "first_name", "last_name", "grade_level", "status", "student_email", "cellphone", "address_line1", "address_line2", "city", "postal_code", "attributes", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "student_id" order by slot) as valid_to
    from roster_log.students
) as versions
where op <> 'D';

create table roster.student_schools (
    district_id text collate "C" not null,
    "student_id" text collate "C" not null,
    "school_id" text collate "C" not null,
    "grade_level" smallint,
    "status" smallint,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "student_id", "school_id")
);
create table roster_log.student_schools (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "student_id" text collate "C" not null,
    "school_id" text collate "C" not null,
    "grade_level" smallint,
    "status" smallint,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "student_id", "school_id")
);
create view roster_history.student_schools with (security_invoker) as
select district_id, "student_id", "school_id", "grade_level", "status", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "student_id", "school_id" order by slot) as valid_to
    from roster_log.student_schools
) as versions
where op <> 'D';

create table roster.staff (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "staff_id" text collate "C" not null,
    "title" text,
    "first_name" text,
    "last_name" text,
    "email" text,
    "mobile" text,
    "secondary_phone" text,
    "login" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "staff_id")
);
create table roster_log.staff (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "staff_id" text collate "C" not null,
    "title" text,
    "first_name" text,
    "last_name" text,
    "email" text,
    "mobile" text,
    "secondary_phone" text,
    "login" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "staff_id")
);
create view roster_history.staff with (security_invoker) as
select district_id, "school_id", "staff_id", "title", "first_name", "last_name", "email", "mobile", "secondary_phone", "login", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "staff_id" order by slot) as valid_to
    from roster_log.staff
) as versions
where op <> 'D';

create table roster.sections (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "section_id" text collate "C" not null,
    "term_id" text,
    "course_name" text,
    "period_number" text,
    "section_number" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "section_id")
);
create table roster_log.sections (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "section_id" text collate "C" not null,
    "term_id" text,
    "course_name" text,
    "period_number" text,
    "section_number" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "section_id")
);
create view roster_history.sections with (security_invoker) as
select district_id, "school_id", "section_id", "term_id", "course_name", "period_number", "section_number", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "section_id" order by slot) as valid_to
    from roster_log.sections
) as versions
where op <> 'D';

create table roster.section_teachers (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "section_id" text collate "C" not null,
    "staff_id" text collate "C" not null,
    "is_primary" boolean,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "section_id", "staff_id")
);
create table roster_log.section_teachers (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "section_id" text collate "C" not null,
    "staff_id" text collate "C" not null,
    "is_primary" boolean,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "section_id", "staff_id")
);
create view roster_history.section_teachers with (security_invoker) as
select district_id, "school_id", "section_id", "staff_id", "is_primary", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "section_id", "staff_id" order by slot) as valid_to
    from roster_log.section_teachers
) as versions
where op <> 'D';

create table roster.parents (
    district_id text collate "C" not null,
    "student_id" text collate "C" not null,
    "contact_key" text collate "C" not null,
    "school_id" text,
    "parent_id" text,
    "first_name" text,
    "last_name" text,
    "email" text,
    "mobile" text,
    "secondary_phone" text,
    "language" text,
    "primary" boolean,
    "relationship" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "student_id", "contact_key")
);
create table roster_log.parents (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "student_id" text collate "C" not null,
    "contact_key" text collate "C" not null,
    "school_id" text,
    "parent_id" text,
    "first_name" text,
    "last_name" text,
    "email" text,
    "mobile" text,
    "secondary_phone" text,
    "language" text,
    "primary" boolean,
    "relationship" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "student_id", "contact_key")
);
create view roster_history.parents with (security_invoker) as
select district_id, "student_id", "contact_key", "school_id", "parent_id", "first_name", "last_name", "email", "mobile", "secondary_phone", "language", "primary", "relationship", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "student_id", "contact_key" order by slot) as valid_to
    from roster_log.parents
) as versions
where op <> 'D';

create table roster.rosters (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "section_id" text collate "C" not null,
    "student_id" text collate "C" not null,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "section_id", "student_id")
);
create table roster_log.rosters (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "section_id" text collate "C" not null,
    "student_id" text collate "C" not null,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "section_id", "student_id")
);
create view roster_history.rosters with (security_invoker) as
select district_id, "school_id", "section_id", "student_id", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "section_id", "student_id" order by slot) as valid_to
    from roster_log.rosters
) as versions
where op <> 'D';

grant select, insert, update, delete on all tables in schema roster, roster_log
to rostersync_loader;
grant select on all tables in schema roster, roster_log, roster_history
to rostersync_reader, rostersync_operator;
grant select on all tables in schema roster_history to rostersync_loader;

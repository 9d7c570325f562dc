-- purpose: current table, change log and history view of the optional core entities
-- grain: roster.<entity>: key; roster_log.<entity>: slot x key; roster_history.<entity>: key x version
-- inputs: none
-- outputs: roster.*, roster_log.*, roster_history.* of groups, group_members, group_user_members, emergency_contacts
-- parameters: none

create table roster.groups (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "group_id" text collate "C" not null,
    "group_name" text,
    "category" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "group_id")
);
create table roster_log.groups (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "group_id" text collate "C" not null,
    "group_name" text,
    "category" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "group_id")
);
create view roster_history.groups with (security_invoker) as
select district_id, "school_id", "group_id", "group_name", "category", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "group_id" order by slot) as valid_to
    from roster_log.groups
) as versions
where op <> 'D';

create table roster.group_members (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "group_id" text collate "C" not null,
    "student_id" text collate "C" not null,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "group_id", "student_id")
);
create table roster_log.group_members (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "group_id" text collate "C" not null,
    "student_id" text collate "C" not null,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "group_id", "student_id")
);
create view roster_history.group_members with (security_invoker) as
select district_id, "school_id", "group_id", "student_id", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "group_id", "student_id" order by slot) as valid_to
    from roster_log.group_members
) as versions
where op <> 'D';

create table roster.group_user_members (
    district_id text collate "C" not null,
    "school_id" text collate "C" not null,
    "group_id" text collate "C" not null,
    "member_key" text collate "C" not null,
    "staff_id" text,
    "parent_id" text,
    "email" text,
    "mobile" text,
    "role" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "school_id", "group_id", "member_key")
);
create table roster_log.group_user_members (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "school_id" text collate "C" not null,
    "group_id" text collate "C" not null,
    "member_key" text collate "C" not null,
    "staff_id" text,
    "parent_id" text,
    "email" text,
    "mobile" text,
    "role" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "school_id", "group_id", "member_key")
);
create view roster_history.group_user_members with (security_invoker) as
select district_id, "school_id", "group_id", "member_key", "staff_id", "parent_id", "email", "mobile", "role", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "group_id", "member_key" order by slot) as valid_to
    from roster_log.group_user_members
) as versions
where op <> 'D';

create table roster.emergency_contacts (
    district_id text collate "C" not null,
    "student_id" text collate "C" not null,
    "contact_id" text collate "C" not null,
    "school_id" text,
    "first_name" text,
    "last_name" text,
    "email" text,
    "phone" text,
    _run_id uuid not null,
    _file_sha256 text not null,
    _line bigint not null,
    _first_slot date not null,
    _changed_slot date not null,
    primary key (district_id, "student_id", "contact_id")
);
create table roster_log.emergency_contacts (
    district_id text collate "C" not null,
    slot date not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    "student_id" text collate "C" not null,
    "contact_id" text collate "C" not null,
    "school_id" text,
    "first_name" text,
    "last_name" text,
    "email" text,
    "phone" text,
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, "student_id", "contact_id")
);
create view roster_history.emergency_contacts with (security_invoker) as
select district_id, "student_id", "contact_id", "school_id", "first_name", "last_name", "email", "phone", _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "student_id", "contact_id" order by slot) as valid_to
    from roster_log.emergency_contacts
) as versions
where op <> 'D';

grant select, insert, update, delete on
roster.groups, roster.group_members, roster.group_user_members, roster.emergency_contacts,
roster_log.groups, roster_log.group_members, roster_log.group_user_members, roster_log.emergency_contacts
to rostersync_loader;
grant select on
roster.groups, roster.group_members, roster.group_user_members, roster.emergency_contacts,
roster_log.groups, roster_log.group_members, roster_log.group_user_members, roster_log.emergency_contacts
to rostersync_reader, rostersync_operator;
grant select on
roster_history.groups, roster_history.group_members,
roster_history.group_user_members, roster_history.emergency_contacts
to rostersync_reader, rostersync_operator, rostersync_loader;

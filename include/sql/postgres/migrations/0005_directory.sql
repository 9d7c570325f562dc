-- purpose: ready-made answers for consumers: who teaches, who may be contacted, who is in a group
-- grain: see each view
-- inputs: roster.* of the core entities
-- outputs: schema directory with views section_names, contactable_parents, urgent_contacts, staff,
--          students_without_section, sections_without_teacher, group_people; index staff_by_id
-- parameters: none

-- Every join has district_id: equal ids of two districts are different people.
create schema directory;
grant usage on schema directory to rostersync_loader, rostersync_reader, rostersync_operator;

-- A section names its teacher by staff_id alone; the key of staff begins with the school.
create index staff_by_id on roster.staff (district_id, staff_id, school_id);

create view directory.section_names with (security_invoker) as
select
    s.district_id,
    s.school_id,
    s.section_id,
    s.course_name,
    named.staff_id as teacher_staff_id,
    teacher.last_name as teacher_last_name,
    concat_ws(' - ', s.course_name, teacher.last_name) as display_name
from roster.sections as s
-- the only primary, else the only teacher, else nobody
left join lateral (
    select
        case
            when count(*) filter (where t.is_primary) = 1 then min(t.staff_id) filter (where t.is_primary)
            when count(*) filter (where t.is_primary) = 0 and count(*) = 1 then min(t.staff_id)
        end as staff_id
    from roster.section_teachers as t
    where t.district_id = s.district_id and t.school_id = s.school_id and t.section_id = s.section_id
) as named on true
-- the row of the section's school, else of the first school
left join lateral (
    select p.last_name
    from roster.staff as p
    where p.district_id = s.district_id and p.staff_id = named.staff_id
    order by p.school_id = s.school_id desc, p.school_id
    limit 1
) as teacher on true;
comment on view directory.section_names is
'One row per section: its display name, course and the last name of the primary (or only) teacher.';

create view directory.contactable_parents with (security_invoker) as
select
    district_id,
    student_id,
    contact_key,
    school_id,
    parent_id,
    first_name,
    last_name,
    email,
    mobile,
    secondary_phone,
    language,
    "primary" as is_primary,
    relationship
from roster.parents
where coalesce(email, mobile, secondary_phone) is not null;
comment on view directory.contactable_parents is
'One row per student and parent who can be reached. Emergency contacts are never here.';

create view directory.urgent_contacts with (security_invoker) as
select
    district_id,
    student_id,
    'parent' as contact_kind,
    contact_key as contact_id,
    school_id,
    first_name,
    last_name,
    email,
    mobile as phone,
    secondary_phone,
    language
from directory.contactable_parents
union all
select
    district_id,
    student_id,
    'emergency',
    contact_id,
    school_id,
    first_name,
    last_name,
    email,
    phone,
    null,
    null
from roster.emergency_contacts
where coalesce(email, phone) is not null;
comment on view directory.urgent_contacts is
'One row per student and contact (parent or emergency). For urgent alerts only, never for notices.';

create view directory.staff with (security_invoker) as
select
    district_id,
    staff_id,
    -- where the rows of one person differ, the first school (by id) that has a value speaks
    (array_agg(first_name order by school_id) filter (where first_name is not null))[1] as first_name,
    (array_agg(last_name order by school_id) filter (where last_name is not null))[1] as last_name,
    (array_agg(title order by school_id) filter (where title is not null))[1] as title,
    (array_agg(email order by school_id) filter (where email is not null))[1] as email,
    (array_agg(mobile order by school_id) filter (where mobile is not null))[1] as mobile,
    array_agg(school_id order by school_id) as school_ids
from roster.staff
group by district_id, staff_id;
comment on view directory.staff is
'One row per staff member, with all schools, ordered.';

create view directory.students_without_section with (security_invoker) as
select s.district_id, s.student_id, s.school_id, s.first_name, s.last_name, s.grade_level, s.status
from roster.students as s
where not exists (
    select from roster.rosters as r
    where r.district_id = s.district_id and r.student_id = s.student_id
);
comment on view directory.students_without_section is
'One row per student (incoming ones too: see status) who is in no section of any school.';

create view directory.sections_without_teacher with (security_invoker) as
select s.district_id, s.school_id, s.section_id, s.course_name, s.term_id, s.period_number
from roster.sections as s
where not exists (
    select from roster.section_teachers as t
    where t.district_id = s.district_id and t.school_id = s.school_id and t.section_id = s.section_id
);
comment on view directory.sections_without_teacher is
'One row per section that no teacher is linked to.';

create view directory.group_people with (security_invoker) as
with members as (
    select district_id, school_id, group_id, student_id as member_key, 'member' as role,
        'student_id' as named_by, student_id as named_as
    from roster.group_members
    union all
    select district_id, school_id, group_id, member_key, role,
        case
            when staff_id is not null then 'staff_id'
            when parent_id is not null then 'parent_id'
            when email is not null then 'email'
            else 'mobile'
        end,
        coalesce(staff_id, parent_id, lower(email), mobile)
    from roster.group_user_members
),
-- person: what tells two people apart. A parent without an id is told by the contact key (the name).
persons as not materialized (  -- read thrice: each reading takes its own district only
    select district_id, 'student' as person_kind, student_id as person_id, 'student ' || student_id as person,
        school_id, student_id as row_key, first_name, last_name, null as email, null as mobile
    from roster.students
    union all
    select district_id, 'staff', staff_id, 'staff ' || staff_id,
        school_id, staff_id, first_name, last_name, lower(email), mobile
    from roster.staff
    union all
    select district_id, 'parent', parent_id, coalesce('parent ' || parent_id, 'named ' || contact_key),
        school_id, student_id || ' ' || contact_key, first_name, last_name, lower(email), mobile
    from roster.parents
),
names as (
    select *, person_kind || '_id' as named_by, person_id as named_as from persons where person_id is not null
    union all
    select *, 'email', email from persons where email is not null
    union all
    select *, 'mobile', mobile from persons where mobile is not null
),
-- a person has several rows (schools, students): the group's school speaks, else the first
found as (
    select m.district_id, m.school_id, m.group_id, m.named_by, m.member_key, m.role,
        count(distinct n.person) as people,
        min(n.person_kind) as person_kind,
        min(n.person_id) as person_id,
        (array_agg(n.first_name order by n.school_id = m.school_id desc nulls last, n.school_id, n.row_key))[1]
        as first_name,
        (array_agg(n.last_name order by n.school_id = m.school_id desc nulls last, n.school_id, n.row_key))[1]
        as last_name
    from members as m
    left join names as n
        on m.district_id = n.district_id and m.named_by = n.named_by and m.named_as = n.named_as
    group by m.district_id, m.school_id, m.group_id, m.named_by, m.member_key, m.role
)
select
    f.district_id,
    f.school_id,
    f.group_id,
    g.group_name,
    f.named_by,
    f.member_key,
    f.role,
    case when f.people = 1 then f.person_kind end as person_kind,
    case when f.people = 1 then f.person_id end as person_id,
    case when f.people = 1 then f.first_name end as first_name,
    case when f.people = 1 then f.last_name end as last_name,
    case when f.people = 0 then 'unknown' when f.people > 1 then 'shared' end as reason
from found as f
left join roster.groups as g
    on f.district_id = g.district_id and f.school_id = g.school_id and f.group_id = g.group_id;
comment on view directory.group_people is
'One row per group and member entry, resolved to one person; else person_kind is null and reason says why.';

grant select on all tables in schema directory
to rostersync_loader, rostersync_reader, rostersync_operator;

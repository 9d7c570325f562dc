-- purpose: what is known of quarantined records whose key cannot be read in full
-- grain: one row per distinct scope; (null, null) means the whole entity
-- inputs: rows_<file>, rejects_<file>, <scope>, findings
-- outputs: unidentified_<file> (student_id, school_id)
-- parameters: file, knows_student (the key has student_id and more), scope (the relation of tonight's schools),
--   has_rejects
create or replace table {{ ('unidentified_' ~ file.name) | quote }} as
with unread as (
    select
        {% if knows_student %}
        case when list_contains(bad_columns, 'student_id') then null else student_id end
        {% else %}
        null::varchar
        {% endif %}
            as student_id,
        case when list_contains(bad_columns, 'school_id') then null else school_id end as school_id
    from {{ ('rows_' ~ file.name) | quote }}
    where
        not ok and not readable
        {% if file.name == 'group_user_members' %}
        -- told by a value that was damaged: the next best one names another key
        or staff_id is null and parent_id is null and _line in (
            select f._line from findings as f
            where
                f.rule = 'group_user_members.email.valid'
                or f.rule = 'group_user_members.mobile.valid' and email is null
        )
        {% endif %}
)

select distinct
    u.student_id,
    case when u.student_id is null then s.school_id end as school_id
from (select distinct * from unread) as u
-- attendance's scope has a row per event: joined as it is, that is bad records x events of a school
left join (select distinct school_id from {{ scope | quote }}) as s on u.school_id = s.school_id
{% if has_rejects %}
union
select null, null from {{ ('rejects_' ~ file.name) | quote }}
{% endif %}

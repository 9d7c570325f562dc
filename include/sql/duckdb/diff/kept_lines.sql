-- purpose: how many stored rows stay because of each record whose key cannot be read
-- grain: _line x what is known of it
-- inputs: unread_<file>, rejects_<file>, carried_<entity>, prev_student_schools (of students)
-- outputs: rows into kept_lines (file, _line, student_id, school_id: both null where nothing is known; kept)
-- parameters: file, entities (of the file, some row of which is carried), has_student, has_rejects
insert into kept_lines
with kept as (
    {% for entity in entities %}
    {{ 'union all' if not loop.first }}
    select
        {{ entity.name | literal }} as entity,
        row_number() over () as place,
        {{ 'student_id' if has_student else 'null::varchar' }} as student_id,
        school_id
    from {{ ('carried_' ~ entity.name) | quote }}
    where _reason = 'frozen_unidentified'
    {% endfor %}
),

at_school as (
    select entity, place, school_id from kept
    {% if file.name == 'students' %}
    union
    select k.entity, k.place, o.school_id
    from kept as k
    inner join prev_student_schools as o on k.student_id = o.student_id
    where k.entity = 'students'
    {% endif %}
),

by_student as (
    select student_id, count(*) as kept from kept group by student_id
),

by_school as (
    select school_id, count(*) as kept from at_school group by school_id
),

unreadable as (
    select _line, student_id, school_id from {{ ('unread_' ~ file.name) | quote }}
    {% if has_rejects %}
    union all
    select _line, null, null from {{ ('rejects_' ~ file.name) | quote }}
    {% endif %}
)

select
    {{ file.name | literal }},
    u._line,
    u.student_id,
    u.school_id,
    case
        when u.student_id is not null then coalesce(s.kept, 0)
        when u.school_id is not null then coalesce(c.kept, 0)
        else (select count(*) from kept)
    end
from unreadable as u
left join by_student as s on u.student_id = s.student_id
left join by_school as c on u.school_id = c.school_id

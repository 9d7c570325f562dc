-- purpose: schools at which rows of an entity go while others wait to come
-- grain: school_id
-- inputs: held_<entity>, prev_<entity>, state_<entity>, held_students (of_students)
-- outputs: returned rows (school_id)
-- parameters: entity, of_students (its rows are of students, of whom some have changes that wait), everywhere (what
--   waits to come is the district's: nothing goes at any school)
select distinct p.{{ entity.scope | quote }} as school
from {{ ('prev_' ~ entity.name) | quote }} as p
semi join (
    select h._scope
    from {{ ('held_' ~ entity.name) | quote }} as h
    where
        h.op = 'I'
        {% if of_students %}
        -- what was sent of another child under a known id waits with that child alone
        and h.student_id not in (select student_id from held_students where op = 'R')
        {% endif %}
) as w on {{ 'true' if everywhere else 'p.' ~ entity.scope | quote ~ ' = w._scope' }}
anti join {{ ('state_' ~ entity.name) | quote }} as s on {{ entity.key | pairs('p', 's') }}
order by school

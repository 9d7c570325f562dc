-- purpose: a student who stays is at their own school, whatever else made that place go
-- grain: student_id, school_id
-- inputs: state_students, state_student_schools, prev_student_schools, carried_students
-- outputs: rows into <relation>
-- parameters: relation (carried_student_schools, or returned_student_schools where something is restored),
--   with_reason (the relation has a _reason: the student's)
insert into {{ relation | quote }}
select
    s.student_id,
    s.school_id,
    case when p.student_id is null then s.grade_level else p.grade_level end,
    case when p.student_id is null then s.status else p.status end{{ ',' if with_reason }}
    {% if with_reason %}
    c._reason
    {% endif %}
from state_students as s
anti join state_student_schools as o on s.student_id = o.student_id and s.school_id = o.school_id
left join prev_student_schools as p on s.student_id = p.student_id and s.school_id = p.school_id
left join carried_students as c on s.student_id = c.student_id

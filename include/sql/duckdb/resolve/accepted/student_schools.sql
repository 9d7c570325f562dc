-- purpose: every school a student is at
-- grain: student_id, school_id
-- inputs: lines_students, prev_students, held_back_students
-- outputs: accepted_student_schools (_line, contract columns)
-- parameters: entity, is_held_back (some of them are in quarantine)
create or replace table accepted_student_schools as
select n._line, {{ entity.columns | columns('n') }}
from lines_students as n
{% if is_held_back %}
-- a stored student with one bad record is carried whole
where
    n.student_id not in (select student_id from held_back_students where freezes)
    or n.student_id not in (select student_id from prev_students)
{% endif %}
qualify row_number() over (partition by n.student_id, n.school_id order by n._line) = 1

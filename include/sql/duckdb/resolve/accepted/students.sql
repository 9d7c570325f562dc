-- purpose: one row per student; at several schools, home is last slot's school if still there, else the first in
--   the file
-- grain: student_id
-- inputs: lines_students, prev_students, held_back_students
-- outputs: accepted_students (_line, contract columns)
-- parameters: entity, is_held_back (some of them are in quarantine)
create or replace table accepted_students as
select n._line, {{ entity.columns | columns('n') }}
from lines_students as n
left join prev_students as p on n.student_id = p.student_id
{% if is_held_back %}
-- one bad record among several schools' freezes the person: a good one must not move the home
where
    p.student_id is null
    or n.student_id not in (select student_id from held_back_students where freezes)
{% endif %}
qualify
    row_number() over (
        partition by n.student_id order by n.school_id is distinct from p.school_id, n._line
    ) = 1

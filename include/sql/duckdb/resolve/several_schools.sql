-- purpose: records of students who are at several schools
-- grain: _line
-- inputs: lines_students
-- outputs: returned rows (_line)
-- parameters: none
select n._line
from lines_students as n
semi join (
    select student_id from lines_students group by student_id having count(distinct school_id) > 1
) as s on n.student_id = s.student_id
order by n._line

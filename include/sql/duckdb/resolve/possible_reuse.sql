-- purpose: records under whose student_id another child was known
-- grain: _line
-- inputs: lines_students, reused_students
-- outputs: returned rows (_line)
-- parameters: none
select n._line
from lines_students as n
semi join reused_students as r on n.student_id = r.student_id
order by n._line

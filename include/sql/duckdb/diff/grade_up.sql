-- purpose: students who are one grade up
-- grain: one row
-- inputs: prev_students, changes_students
-- outputs: returned row (count)
-- parameters: none
{% from 'duckdb/diff/grades.sql' import one_up %}
select count(*)
from changes_students as c
inner join prev_students as p on c.student_id = p.student_id
where c.op = 'U' and {{ one_up('p.grade_level', 'c.grade_level') }}

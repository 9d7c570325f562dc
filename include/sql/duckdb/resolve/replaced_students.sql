-- purpose: students under whose student_id another child now stands: of the reused ones, those that are not held
-- grain: student_id
-- inputs: reused_students, held_students
-- outputs: replaced_students (student_id)
-- parameters: none
create or replace table replaced_students as
select r.student_id
from reused_students as r
anti join held_students as h on r.student_id = h.student_id

-- purpose: by school, students under whose student_id another child seems to be sent
-- grain: school_id
-- inputs: reused_students
-- outputs: returned rows (school_id, count)
-- parameters: none
select school_id, count(*) as student_count
from reused_students
group by school_id
order by school_id

-- purpose: students of a state under whose student_id another child seems to be sent: both names differ, and the
--   state id does too or the grade is lower
-- grain: student_id
-- inputs: <sent>, <state>
-- outputs: <reused> (student_id, school_id of the state's row)
-- parameters: reused, sent (accepted_students, or rows_students: also those in quarantine), state (prev_students or
--   state_students)
create or replace table {{ reused | quote }} as
select distinct p.student_id, p.school_id
from {{ sent | quote }} as a
inner join {{ state | quote }} as p on a.student_id = p.student_id
where
    lower(trim(a.first_name)) <> lower(trim(p.first_name))
    and lower(trim(a.last_name)) <> lower(trim(p.last_name))
    and (
        a.state_student_id <> p.state_student_id
        -- 100 is no grade, and nothing is above it
        or (a.grade_level < p.grade_level and p.grade_level <> 100)
    )

-- purpose: every school a student is at
-- grain: student_id, school_id
-- inputs: lines_students
-- outputs: accepted_student_schools (_line, contract columns)
-- parameters: entity
create or replace table accepted_student_schools as
select _line, {{ entity.columns | columns }}
from lines_students
qualify row_number() over (partition by student_id, school_id order by _line) = 1

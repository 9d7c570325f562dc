-- purpose: of how many students a parent can be reached by email or phone, as directory.contactable_parents counts
-- grain: one row
-- inputs: students, parents (the entities' states)
-- outputs: returned row (students reached, students)
-- parameters: none
select
    count(*) filter (
        where student_id in (
            select student_id from parents where coalesce(email, mobile, secondary_phone) is not null
        )
    ),
    count(*)
from students

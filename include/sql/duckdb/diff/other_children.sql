-- purpose: how many student_ids may be of one child in one state and of another in the other: both names differ
-- grain: one row
-- inputs: before, after (students)
-- outputs: returned row (count)
-- parameters: none
select count(*)
from before as b
inner join after as a on b.student_id = a.student_id
where
    lower(trim(a.first_name)) <> lower(trim(b.first_name))
    and lower(trim(a.last_name)) <> lower(trim(b.last_name))

-- purpose: the ids a student had before, also those before these, and until which slot
-- grain: former id x slot
-- inputs: roster.student_aliases
-- outputs: returned rows (former student_id, the slot in which it became another)
-- parameters: %(district)s, %(student)s
with recursive former as (
    select former_student_id, slot
    from roster.student_aliases
    where district_id = %(district)s and student_id = %(student)s
    union
    select a.former_student_id, a.slot
    from former as f
    inner join roster.student_aliases as a
        on a.district_id = %(district)s and a.student_id = f.former_student_id and a.slot < f.slot
)

select former_student_id, slot::text
from former
order by slot, former_student_id

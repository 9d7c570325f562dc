-- purpose: what a day's notices wait for, and what of it a person has released
-- grain: notice x slot x school x cause
-- inputs: attendance.notice_holds
-- outputs: returned rows
-- parameters: %(district)s, %(date)s
select
    notice_id as notice, slot, school_id as school, cause, held_at, lapses_at, hold_reason as reason,
    released_students
from attendance.notice_holds
where district_id = %(district)s and date = %(date)s::date
order by notice_id, slot, cause, school_id

-- purpose: a notice that waited for a person goes
-- grain: notice x slot
-- inputs: none
-- outputs: attendance.notice_days
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(now)s, %(students)s
update attendance.notice_days
set
    held_at = null, lapses_at = null, hold_reason = null,
    released_at = %(now)s::timestamptz, released_students = %(students)s
where
    district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s

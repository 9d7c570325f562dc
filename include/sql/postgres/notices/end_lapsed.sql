-- purpose: a notice that is written anew is judged anew: what lapsed of it waits no more
-- grain: notice x slot x school x cause
-- inputs: none
-- outputs: attendance.notice_holds
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(now)s
update attendance.notice_holds
set held_at = null, lapses_at = null, hold_reason = null
where
    district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s
    and lapses_at <= %(now)s::timestamptz

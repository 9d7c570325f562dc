-- purpose: keep of a notice of a day whether it waits for a person, whatever for
-- grain: notice x slot
-- inputs: none
-- outputs: attendance.notice_days
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(held_at)s, %(lapses_at)s, %(reason)s (the last three
--   null: it does not wait)
update attendance.notice_days set
    held_at = %(held_at)s::timestamptz,
    lapses_at = %(lapses_at)s::timestamptz,
    hold_reason = %(reason)s
where
    district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s

-- purpose: a notice of a day waits for a person, or does not any more
-- grain: one row
-- inputs: none
-- outputs: attendance.notice_days
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(now)s, %(lapses_at)s, %(reason)s (null: it does not wait)
update attendance.notice_days set
    held_at = case when %(reason)s::text is not null then coalesce(held_at, %(now)s::timestamptz) end,
    lapses_at = case when %(reason)s::text is not null then coalesce(lapses_at, %(lapses_at)s::timestamptz) end,
    hold_reason = %(reason)s
where
    district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s

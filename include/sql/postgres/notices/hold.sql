-- purpose: for which schools a notice of a day waits for a person, for one cause, and for which it does not any more
-- grain: notice x slot x school x cause
-- inputs: none
-- outputs: attendance.notice_holds
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(cause)s, %(trips)s (JSON: [{school, reason}], all
--   that wait), %(now)s, %(lapses_at)s (of those that begin to wait)
with trips as (
    select t.school, t.reason
    from jsonb_to_recordset(%(trips)s::jsonb) as t (school text, reason text)
),

ended as (
    update attendance.notice_holds
    set held_at = null, lapses_at = null, hold_reason = null
    where
        district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s
        and cause = %(cause)s and held_at is not null and school_id not in (select school from trips)
)

insert into attendance.notice_holds as h
(district_id, notice_id, date, slot, school_id, cause, held_at, lapses_at, hold_reason)
select
    %(district)s, %(notice)s, %(date)s::date, %(slot)s, t.school, %(cause)s, %(now)s::timestamptz,
    %(lapses_at)s::timestamptz, t.reason
from trips as t
on conflict (district_id, notice_id, date, slot, school_id, cause) do update set
    held_at = coalesce(h.held_at, excluded.held_at),
    lapses_at = coalesce(h.lapses_at, excluded.lapses_at),
    hold_reason = excluded.hold_reason

-- purpose: keep what a notice of a day was written from
-- grain: one row
-- inputs: none
-- outputs: attendance.notice_days
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(send_after)s, %(expires_at)s, %(file_slot)s,
--   %(file_landing)s, %(file_at)s (the last three null: nobody is absent, or no row of the day: a real file may
--   still come)
insert into attendance.notice_days as d
(district_id, notice_id, date, slot, send_after, expires_at, file_slot, file_landing, file_at)
values (
    %(district)s, %(notice)s, %(date)s::date, %(slot)s, %(send_after)s::timestamptz, %(expires_at)s::timestamptz,
    %(file_slot)s, %(file_landing)s, %(file_at)s::timestamptz
)
on conflict (district_id, notice_id, date, slot) do update set
    file_slot = coalesce(excluded.file_slot, d.file_slot),
    file_landing = coalesce(excluded.file_landing, d.file_landing),
    file_at = coalesce(excluded.file_at, d.file_at)

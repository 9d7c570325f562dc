-- purpose: a notice of a day that waits for a person, under lock
-- grain: notice x slot
-- inputs: attendance.notice_days
-- outputs: returned rows (slot, lapses_at)
-- parameters: %(district)s, %(notice)s, %(date)s
select d.slot, d.lapses_at
from attendance.notice_days as d
where
    d.district_id = %(district)s and d.notice_id = %(notice)s and d.date = %(date)s::date
    and d.held_at is not null
order by d.slot
for update of d

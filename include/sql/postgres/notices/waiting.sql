-- purpose: a notice of a day that waits for a person, under lock
-- grain: notice x slot
-- inputs: attendance.notice_days, attendance.notices
-- outputs: returned rows (slot, lapses_at, students)
-- parameters: %(district)s, %(notice)s, %(date)s
select
    d.slot, d.lapses_at,
    (
        select count(*)::int
        from attendance.notices as n
        where
            n.district_id = d.district_id and n.notice_id = d.notice_id and n.date = d.date
            and n.slot = d.slot and n.state = 'held'
    ) as students
from attendance.notice_days as d
where
    d.district_id = %(district)s and d.notice_id = %(notice)s and d.date = %(date)s::date
    and d.held_at is not null
order by d.slot
for update of d

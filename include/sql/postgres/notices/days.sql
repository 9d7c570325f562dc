-- purpose: the notices of a day and what became of them
-- grain: notice x slot
-- inputs: attendance.notice_days, attendance.notices
-- outputs: returned rows
-- parameters: %(district)s (null: every district), %(date)s, %(now)s
select
    d.district_id as district, d.notice_id as notice, d.date, d.slot, d.send_after, d.file_at,
    count(*) filter (where n.state = 'pending' and n.expires_at > %(now)s::timestamptz)::int as pending,
    count(*) filter (where n.state in ('taken', 'acknowledged'))::int as told,
    count(*) filter (where n.state = 'unreachable')::int as unreachable,
    count(*) filter (where n.state = 'held')::int as held,
    count(*) filter (where n.state = 'withdrawn')::int as withdrawn,
    count(*) filter (where n.state = 'pending' and n.expires_at <= %(now)s::timestamptz)::int as expired,
    d.hold_reason, d.lapses_at, d.held_at
from attendance.notice_days as d
left join attendance.notices as n
    on
        d.district_id = n.district_id and d.notice_id = n.notice_id and d.date = n.date
        and d.slot = n.slot
where
    (%(district)s::text is null or d.district_id = %(district)s) and d.date = %(date)s::date
group by d.district_id, d.notice_id, d.date, d.slot
order by d.district_id, d.send_after, d.notice_id, d.slot

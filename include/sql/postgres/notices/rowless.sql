-- purpose: notices that nobody has taken, of schools of which the day's newest file has no row
-- grain: notice x slot x school
-- inputs: attendance.notices
-- outputs: returned rows (notice, slot, school, expires_at, pending, waiting: with those held)
-- parameters: %(district)s, %(date)s, %(now)s, %(schools)s (those of which the file has a row)
select
    n.notice_id as notice, n.slot, e.event ->> 'school_id' as school, max(n.expires_at) as expires_at,
    count(distinct n.student_id) filter (where n.state = 'pending')::int as pending,
    count(distinct n.student_id)::int as waiting
from attendance.notices as n
cross join lateral jsonb_array_elements(n.events) as e (event)
where
    n.district_id = %(district)s and n.date = %(date)s::date and n.state in ('pending', 'held')
    and n.expires_at > %(now)s::timestamptz
    and not e.event ->> 'school_id' = any(%(schools)s::text[])
group by n.notice_id, n.slot, e.event ->> 'school_id'
order by n.notice_id, n.slot, school

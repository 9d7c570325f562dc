-- purpose: a notice that was taken and of which every event is gone is withdrawn: the office must know
-- grain: notice
-- inputs: attendance.events
-- outputs: attendance.notices
-- parameters: %(district)s, %(date)s, %(now)s, %(schools)s (those of which the day's newest file has a row: of others
--   nothing is known)
with told as (
    select n.notice_id, n.student_id, jsonb_array_elements(n.events) as event
    from attendance.notices as n
    where
        n.district_id = %(district)s and n.date = %(date)s::date and n.state in ('taken', 'acknowledged')
),

gone as (
    select t.notice_id, t.student_id
    from told as t
    left join attendance.events as v
        on
            v.district_id = %(district)s and v.date = %(date)s::date and v.student_id = t.student_id
            and v.school_id = t.event ->> 'school_id' and v.period = t.event ->> 'period'
    group by t.notice_id, t.student_id
    having count(v.student_id) = 0 and bool_and(t.event ->> 'school_id' = any(%(schools)s::text[]))
)

update attendance.notices as n set state = 'withdrawn', withdrawn_at = %(now)s::timestamptz
from gone as g
where
    n.district_id = %(district)s and n.date = %(date)s::date
    and n.notice_id = g.notice_id and n.student_id = g.student_id

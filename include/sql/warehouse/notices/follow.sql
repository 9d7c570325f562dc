-- purpose: notices that nobody has taken say what the events say now; one of which nothing is left is withdrawn
-- grain: notice
-- inputs: attendance.events
-- outputs: attendance.notices
-- parameters: %(district)s, %(date)s, %(now)s, %(codes)s (JSON: notice id -> the codes it tells)
with now_told as (
    select
        n.notice_id, n.student_id,
        jsonb_agg(
            jsonb_build_object('school_id', v.school_id, 'period', v.period, 'code', v.code)
            order by e.place
        ) as events
    from attendance.notices as n
    cross join lateral jsonb_array_elements(n.events) with ordinality as e (event, place)
    inner join attendance.events as v
        on
            v.district_id = n.district_id and v.school_id = e.event ->> 'school_id'
            and v.student_id = n.student_id and v.date = n.date and v.period = e.event ->> 'period'
            and %(codes)s::jsonb -> n.notice_id ? v.code
    where n.district_id = %(district)s and n.date = %(date)s::date and n.taken_at is null
    group by n.notice_id, n.student_id
)
update attendance.notices as n set
    events = coalesce(t.events, n.events),
    state = case when t.events is null then 'withdrawn' else n.state end,
    withdrawn_at = case when t.events is null then %(now)s::timestamptz end
from attendance.notices as o
left join now_told as t on o.notice_id = t.notice_id and o.student_id = t.student_id
where
    n.district_id = %(district)s and n.date = %(date)s::date
    and n.state in ('pending', 'held', 'unreachable') and n.expires_at > %(now)s::timestamptz
    and o.district_id = n.district_id and o.date = n.date and o.notice_id = n.notice_id
    and o.student_id = n.student_id
    and n.events is distinct from t.events

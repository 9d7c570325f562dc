-- purpose: notices that nobody has taken say what the events say now; one of which nothing is left is withdrawn
-- grain: notice
-- inputs: attendance.events
-- outputs: attendance.notices
-- parameters: %(district)s, %(date)s, %(now)s, %(codes)s (JSON: notice id -> the codes it tells)
with listed as (
    select
        n.notice_id, n.student_id,
        jsonb_array_elements(n.events) as event,
        generate_series(1, jsonb_array_length(n.events)) as place
    from attendance.notices as n
    where
        n.district_id = %(district)s and n.date = %(date)s::date
        and n.state in ('pending', 'held', 'unreachable') and n.expires_at > %(now)s::timestamptz
),

now_told as (
    select
        l.notice_id, l.student_id,
        jsonb_agg(
            jsonb_build_object('school_id', v.school_id, 'period', v.period, 'code', v.code)
            order by l.place
        ) filter (where v.code is not null) as events
    from listed as l
    left join attendance.events as v
        on
            v.district_id = %(district)s and v.date = %(date)s::date and v.student_id = l.student_id
            and v.school_id = l.event ->> 'school_id' and v.period = l.event ->> 'period'
            and %(codes)s::jsonb -> l.notice_id ? v.code
    group by l.notice_id, l.student_id
)

update attendance.notices as n set
    events = coalesce(t.events, n.events),
    state = case when t.events is null then 'withdrawn' else n.state end,
    withdrawn_at = case when t.events is null then %(now)s::timestamptz end
from now_told as t
where
    n.district_id = %(district)s and n.date = %(date)s::date
    and n.notice_id = t.notice_id and n.student_id = t.student_id
    and n.events is distinct from t.events

-- purpose: notices that nobody has taken say what the day's newest file says; one of which nothing is left is withdrawn
-- grain: notice
-- inputs: attendance.events, carried_events
-- outputs: attendance.notices
-- parameters: %(district)s, %(date)s, %(now)s, %(codes)s (JSON: notice id -> the codes it tells), %(schools)s (those of
--   which the newest file has a row), %(unsaid)s (the period that it may call so by mistake; null: none)
-- Events of other schools stay in a notice that has nothing else, also when a newer landing of their slot lacks them:
-- whether it waits is asked of all of them at once.
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

known as (
    select
        l.notice_id, l.student_id, l.place, l.event as listed, v.school_id, v.period, v.code,
        l.event ->> 'school_id' = any(%(schools)s::text[]) as in_file,
        c.student_id is not null as is_carried,
        jsonb_exists(%(codes)s::jsonb -> l.notice_id, v.code) and coalesce(v.period <> %(unsaid)s, true) as is_told
    from listed as l
    left join attendance.events as v
        on
            v.district_id = %(district)s and v.date = %(date)s::date and v.student_id = l.student_id
            and v.school_id = l.event ->> 'school_id' and v.period = l.event ->> 'period'
    left join carried_events as c
        on v.school_id = c.school_id and v.student_id = c.student_id and v.period = c.period
),

standing as (
    select
        notice_id, student_id, place, in_file,
        case
            when code is null then listed
            else jsonb_build_object('school_id', school_id, 'period', period, 'code', code)
        end as event
    from known
    where case when code is null then not in_file else is_told and not (in_file and is_carried) end
),

now_told as (
    select
        l.notice_id, l.student_id,
        coalesce(
            jsonb_agg(s.event order by s.place) filter (where s.in_file),
            jsonb_agg(s.event order by s.place) filter (where s.event is not null)
        ) as events
    from listed as l
    left join standing as s
        on l.notice_id = s.notice_id and l.student_id = s.student_id and l.place = s.place
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

-- purpose: how many a notice of a day would reach, and what is usual: what the mass guard looks at
-- grain: school; one row without one when it reaches nobody
-- inputs: attendance.notices, attendance.notice_days, roster.student_schools
-- outputs: returned rows (students: of every school; usual: the median of its last 20 days, null before there is one;
--   school, school_students, enrolled)
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s
with reached as (
    select n.student_id, n.events
    from attendance.notices as n
    where
        n.district_id = %(district)s and n.notice_id = %(notice)s and n.date = %(date)s::date
        and n.slot = %(slot)s and n.state in ('pending', 'held', 'taken', 'acknowledged')
),

days as (
    select d.date, count(n.student_id) as students
    from (
        select date
        from attendance.notice_days
        where
            district_id = %(district)s and notice_id = %(notice)s and date < %(date)s::date
        group by date
        having bool_and(held_at is null)  -- a mass that never went is not usual
    ) as d
    left join attendance.notices as n
        on
            n.district_id = %(district)s and n.notice_id = %(notice)s and n.date = d.date
            and n.state in ('pending', 'taken', 'acknowledged')
    group by d.date
    order by d.date desc
    limit 20
),

schools as (
    select e.event ->> 'school_id' as school_id, count(distinct r.student_id) as students
    from reached as r
    cross join lateral jsonb_array_elements(r.events) as e (event)
    group by 1
),

shares as (
    select s.school_id, s.students, count(k.student_id) as enrolled
    from schools as s
    left join roster.student_schools as k
        on k.district_id = %(district)s and k.school_id = s.school_id and k.status is distinct from 0
    group by s.school_id, s.students
)

select
    (select count(*) from reached) as students,
    (select percentile_cont(0.5) within group (order by students) from days) as usual,
    s.school_id, s.students, s.enrolled
from (select) as one
left join shares as s on true
order by s.school_id

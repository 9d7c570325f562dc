-- purpose: a notice that was taken and of which every event is gone is withdrawn: the office must know
-- grain: notice
-- inputs: attendance.events
-- outputs: attendance.notices
-- parameters: %(district)s, %(date)s, %(now)s
update attendance.notices as n set state = 'withdrawn', withdrawn_at = %(now)s::timestamptz
where
    n.district_id = %(district)s and n.date = %(date)s::date and n.state in ('taken', 'acknowledged')
    and not exists (
        select
        from jsonb_array_elements(n.events) as e (event)
        inner join attendance.events as v
            on
                v.district_id = n.district_id and v.school_id = e.event ->> 'school_id'
                and v.student_id = n.student_id and v.date = n.date and v.period = e.event ->> 'period'
    )

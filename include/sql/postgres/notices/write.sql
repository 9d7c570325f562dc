-- purpose: write one notice of a day from the events a file confirms; what was taken is left as it is
-- grain: notice
-- inputs: attendance.events, carried_events, directory.contactable_parents, directory.reused_students
-- outputs: attendance.notices
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(send_after)s, %(expires_at)s, %(schools)s (null: all
--   but those %(without)s), %(periods)s, %(codes)s
with telling as (
    select
        v.student_id,
        jsonb_agg(
            jsonb_build_object('school_id', v.school_id, 'period', v.period, 'code', v.code)
            order by v.school_id, v.period <> 'all_day', length(v.period), v.period
        ) as events
    from attendance.events as v
    left join carried_events as c
        on v.school_id = c.school_id and v.student_id = c.student_id and v.period = c.period
    where
        v.district_id = %(district)s and v.date = %(date)s::date
        and (%(schools)s::text[] is null or v.school_id = any(%(schools)s::text[]))
        and not v.school_id = any(%(without)s::text[])
        and v.period = any(%(periods)s::text[]) and v.code = any(%(codes)s::text[])
        and c.student_id is null
        and not exists (
            select from attendance.notices as told
            where
                told.district_id = v.district_id and told.date = v.date
                and told.student_id = v.student_id and told.notice_id <> %(notice)s
                and told.taken_at is not null and told.withdrawn_at is null
                and told.events @> jsonb_build_array(
                    jsonb_build_object('school_id', v.school_id, 'period', v.period, 'code', v.code)
                )
        )
    group by v.student_id
)

insert into attendance.notices as n
(district_id, notice_id, date, student_id, slot, events, state, send_after, expires_at)
select
    %(district)s, %(notice)s, %(date)s::date, t.student_id, %(slot)s, t.events,
    case
        when exists (
            select from directory.reused_students as r
            where r.district_id = %(district)s and r.student_id = t.student_id
        )
            then 'unreachable'  -- the contacts that are known may be another child's
        when exists (
            select from directory.contactable_parents as p
            where p.district_id = %(district)s and p.student_id = t.student_id
        )
            then 'pending'
        else 'unreachable'
    end,
    %(send_after)s::timestamptz, %(expires_at)s::timestamptz
from telling as t
on conflict (district_id, notice_id, date, student_id) do update set
    events = excluded.events, state = excluded.state, withdrawn_at = null
where n.taken_at is null and n.slot = excluded.slot

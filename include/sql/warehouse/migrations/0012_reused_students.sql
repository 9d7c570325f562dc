-- purpose: whom no notice may tell: students under whose id another child seems to be sent, until a person has said
-- grain: see each table and view
-- inputs: sync.slots, sync.files, attendance.notices, roster.students
-- outputs: roster.reused_students, directory.reused_students; function attendance.take_notices and view
--          attendance.unreachable anew
-- parameters: none

-- As the slot left it: held, or restored; rewritten with the slot's slice, as the log is.
create table roster.reused_students (
    district_id text collate "C" not null,
    slot date not null,
    student_id text collate "C" not null,
    primary key (district_id, slot, student_id)
);

create view directory.reused_students with (security_invoker) as
select r.district_id, r.student_id, r.slot as since
from roster.reused_students as r
where
    r.slot = (
        -- a night whose students.csv was carried knows nothing newer of anybody
        select max(s.slot)::date
        from sync.slots as s
        inner join sync.files as f on s.run_id = f.run_id
        where
            s.district_id = r.district_id and s.domain = 'core'
            and f.file = 'students' and f.state in ('accepted', 'identical')
    );
comment on view directory.reused_students is
'One row per student_id that waits for a person because another child seems to be sent under it: the contacts that are known may not be that child''s.';

-- As before, and never for a student_id that may be another child's.
create or replace function attendance.take_notices(
    consumer text, at_most integer default 100, moment timestamptz default now(), district text default null
) returns setof attendance.notices
language sql volatile
as $$
    with due as (
        select n.district_id, n.notice_id, n.date, n.student_id, attendance.untold(n) as events
        from attendance.notices as n
        where
            (n.state = 'pending' or (n.state = 'taken' and n.taken_at <= moment - interval '10 minutes'))
            and n.send_after <= moment and moment < n.expires_at
            and (district is null or n.district_id = district)
            and attendance.untold(n) is not null
            and not attendance.is_halted(n.district_id, n.date)
            and not exists (
                select from directory.reused_students as r
                where r.district_id = n.district_id and r.student_id = n.student_id
            )
            and not exists (
                select from attendance.notices as o
                where
                    o.district_id = n.district_id and o.date = n.date and o.student_id = n.student_id
                    and (o.send_after, o.notice_id) < (n.send_after, n.notice_id)
                    and o.state = 'pending' and o.send_after <= moment and moment < o.expires_at
                    and attendance.untold(o) is not null
            )
        order by n.send_after, n.district_id, n.notice_id, n.student_id
        limit at_most
        for update of n skip locked
    )
    update attendance.notices as t
    set state = 'taken', taken_at = moment, taken_by = consumer, events = due.events
    from due
    where
        t.district_id = due.district_id and t.notice_id = due.notice_id and t.date = due.date
        and t.student_id = due.student_id
    returning t.*
$$;

create or replace view attendance.unreachable with (security_invoker) as
select
    n.district_id, n.date, n.notice_id, n.student_id,
    -- the name that is known may be another child's
    case when r.student_id is null then s.first_name end as first_name,
    case when r.student_id is null then s.last_name end as last_name,
    n.events, n.send_after,
    case when r.student_id is null then 'no contact' else 'another child?' end as reason
from attendance.notices as n
left join roster.students as s on n.district_id = s.district_id and n.student_id = s.student_id
left join directory.reused_students as r
    on n.district_id = r.district_id and n.student_id = r.student_id
where n.state = 'unreachable' or (n.state in ('pending', 'held') and r.student_id is not null);
comment on view attendance.unreachable is
'One row per notice of a student none of whose parents can be reached, or whose id may be another child''s.';

grant select, insert, update, delete on roster.reused_students to rostersync_loader;
grant select on roster.reused_students to rostersync_reader, rostersync_operator, rostersync_messenger;
grant select on directory.reused_students
to rostersync_loader, rostersync_reader, rostersync_operator, rostersync_messenger;
grant usage on schema roster, directory to rostersync_messenger;
grant select on sync.slots, sync.files to rostersync_messenger;

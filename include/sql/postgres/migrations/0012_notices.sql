-- purpose: attendance notices: an outbox that one transaction writes with the events, and consumers take from
-- grain: see each table and view
-- inputs: attendance.events, directory.contactable_parents, directory.reused_students, roster.students
-- outputs: sync.landings.fresh_at; sync.attendance_decisions; attendance.notice_days, attendance.notices;
--          functions attendance.untold, attendance.is_halted, attendance.take_notices,
--          attendance.acknowledge_notice; views attendance.withdrawn, attendance.unreachable, attendance.held;
--          role rostersync_messenger
-- parameters: none

-- When the upload was last changed on the server; of a folder, when a person last named it.
alter table sync.landings add column fresh_at timestamptz;

-- What people said about notices. Never changed, never removed: the newest row about a thing speaks.
create table sync.attendance_decisions (
    decision_id bigint generated always as identity primary key,
    action text not null check (action in ('stop', 'resume', 'skip', 'unskip', 'release')),
    district_id text collate "C",       -- null: every district (stop, resume)
    date date,                          -- skip, unskip, release
    notice_id text collate "C",         -- release
    slot text collate "C",              -- release
    students integer,                   -- release: how many were to be told
    decided_by text not null,
    reason text not null check (reason <> ''),
    decided_at timestamptz not null,
    check (district_id is not null or action in ('stop', 'resume')),
    check ((action in ('stop', 'resume')) = (date is null)),
    check ((action = 'release') = (notice_id is not null and slot is not null and students is not null))
);
create index attendance_decisions_by_district on sync.attendance_decisions (district_id, action, date);

-- A district's notice of one day: its times, the file it was written from (null: none of the day yet), and
-- whether it waits for a person because it would tell too many.
create table attendance.notice_days (
    district_id text collate "C" not null,
    notice_id text collate "C" not null,
    date date not null,
    slot text collate "C" not null,     -- a notice has one a day, or one per time zone of its schools
    send_after timestamptz not null,
    expires_at timestamptz not null,
    file_slot text collate "C",
    file_landing integer,
    file_at timestamptz,                -- when the district had written it
    held_at timestamptz,
    lapses_at timestamptz,
    hold_reason text,                   -- in words, without a value of a row
    released_at timestamptz,
    released_students integer,          -- more than these are held again
    primary key (district_id, notice_id, date, slot),
    check ((file_at is null) = (file_slot is null) and (file_at is null) = (file_landing is null)),
    check ((held_at is null) = (lapses_at is null) and (held_at is null) = (hold_reason is null))
);

create table attendance.notices (
    district_id text collate "C" not null,
    notice_id text collate "C" not null,
    date date not null,
    student_id text collate "C" not null,
    slot text collate "C" not null,
    events jsonb not null check (jsonb_array_length(events) > 0),  -- [{"school_id", "period", "code"}, ...]
    state text not null
    check (state in ('pending', 'taken', 'acknowledged', 'withdrawn', 'unreachable', 'held')),
    send_after timestamptz not null,
    expires_at timestamptz not null,
    withdrawn_at timestamptz,           -- every event of it is gone
    taken_at timestamptz,
    taken_by text,
    acknowledged_at timestamptz,
    primary key (district_id, notice_id, date, student_id),
    check ((state = 'withdrawn') = (withdrawn_at is not null)),
    check (taken_at is null or state in ('taken', 'acknowledged', 'withdrawn')),
    check (acknowledged_at is null or taken_at is not null)
);
create index notices_to_take on attendance.notices (send_after) where state in ('pending', 'taken');
create index notices_by_student on attendance.notices (district_id, date, student_id);

-- Events of a notice that no other notice has told that family with the same code that day; null: none.
create function attendance.untold(n attendance.notices) returns jsonb
language sql stable
as $$
    select jsonb_agg(e.event order by e.place)
    from jsonb_array_elements(n.events) with ordinality as e (event, place)
    where not exists (
        select from attendance.notices as told
        where
            told.district_id = n.district_id and told.date = n.date and told.student_id = n.student_id
            and told.notice_id <> n.notice_id and told.taken_at is not null and told.withdrawn_at is null
            and told.events @> jsonb_build_array(e.event)
    )
$$;

-- Nothing may be taken: somebody stopped the district, or all of them, or skipped the day.
create function attendance.is_halted(district text, day date) returns boolean
language sql stable
as $$
    select exists (
        select from (
            select distinct on (d.district_id, d.action in ('stop', 'resume')) d.action
            from sync.attendance_decisions as d
            where
                (d.action in ('stop', 'resume') and (d.district_id is null or d.district_id = district))
                or (d.action in ('skip', 'unskip') and d.district_id = district and d.date = day)
            order by d.district_id, d.action in ('stop', 'resume'), d.decision_id desc
        ) as newest
        where newest.action in ('stop', 'skip')
    )
$$;

-- Notices to send now; each is the caller's for ten minutes, then anybody's again unless it was acknowledged.
-- Of one family the earlier notice goes first: the later one leaves out what that has told.
-- Never one of a student_id that may be another child's.
create function attendance.take_notices(
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

-- The family was told. True: noted; false: it had not been taken, or was acknowledged before.
create function attendance.acknowledge_notice(
    district text, notice text, day date, student text, moment timestamptz default now()
) returns boolean
language sql volatile
as $$
    with acknowledged as (
        update attendance.notices
        set acknowledged_at = moment, state = case when state = 'taken' then 'acknowledged' else state end
        where
            district_id = district and notice_id = notice and date = day and student_id = student
            and taken_at is not null and acknowledged_at is null
        returning 1
    )
    select exists (select from acknowledged)
$$;

-- For the office.
create view attendance.withdrawn with (security_invoker) as
select
    n.district_id, n.date, n.notice_id, n.student_id, s.first_name, s.last_name, n.events, n.withdrawn_at,
    n.taken_at is not null as was_told, n.taken_at
from attendance.notices as n
left join roster.students as s on n.district_id = s.district_id and n.student_id = s.student_id
where n.state = 'withdrawn';
comment on view attendance.withdrawn is
'One row per notice of which every event is gone; was_told: the family had been told before.';

create view attendance.unreachable with (security_invoker) as
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

create view attendance.held with (security_invoker) as
select
    d.district_id, d.date, d.notice_id, d.slot, d.hold_reason, d.held_at, d.lapses_at,
    case when d.lapses_at <= now() then 'lapsed' else 'held' end as state,
    count(*) as students
from attendance.notice_days as d
inner join attendance.notices as n
    on
        d.district_id = n.district_id and d.notice_id = n.notice_id and d.date = n.date
        and d.slot = n.slot and n.state = 'held'
where d.held_at is not null
group by d.district_id, d.notice_id, d.date, d.slot;
comment on view attendance.held is
'One row per notice of a day that would tell too many and waits for a person, or waited in vain (lapsed).';

-- Who sends: takes and acknowledges, and writes nothing else. Whom to tell is in directory.contactable_parents:
-- grant rostersync_reader to it, too.
do $$
begin
    create role rostersync_messenger nologin;
exception
    when duplicate_object then null;  -- roles belong to the whole server
    when unique_violation then null;  -- made by another database's migration at the same moment
end;
$$;
grant usage on schema attendance, roster, directory, sync to rostersync_messenger;
grant select on attendance.notices, sync.attendance_decisions to rostersync_messenger;
-- for directory.reused_students
grant select on directory.reused_students, roster.reused_students, sync.slots, sync.files
to rostersync_messenger;
grant update (state, taken_at, taken_by, acknowledged_at, events) on attendance.notices
to rostersync_messenger;

revoke all on function attendance.take_notices, attendance.acknowledge_notice from public;
grant execute on function attendance.take_notices, attendance.acknowledge_notice
to rostersync_loader, rostersync_messenger;

grant select, insert on sync.attendance_decisions to rostersync_loader;
grant select, insert, update, delete on attendance.notice_days, attendance.notices to rostersync_loader;
grant select on attendance.withdrawn, attendance.unreachable, attendance.held to rostersync_loader;
grant select on sync.attendance_decisions, attendance.notice_days, attendance.notices, attendance.withdrawn,
attendance.unreachable, attendance.held
to rostersync_reader, rostersync_operator;

-- purpose: a notice may wait for one school alone, and for two causes: too many would be told, or the newest file has
--   no row of the school
-- grain: notice x slot x school x cause
-- inputs: attendance.notice_days
-- outputs: attendance.notice_holds, attendance.held
-- parameters: none
create table attendance.notice_holds (
    district_id text collate "C" not null,
    notice_id text collate "C" not null,
    date date not null,
    slot text collate "C" not null,
    school_id text collate "C" not null,  -- '': the whole district
    cause text not null check (cause in ('too_many', 'no_row')),
    held_at timestamptz,
    lapses_at timestamptz,
    hold_reason text,
    released_at timestamptz,
    released_students integer,
    primary key (district_id, notice_id, date, slot, school_id, cause),
    check ((held_at is null) = (lapses_at is null) and (held_at is null) = (hold_reason is null))
);
comment on table attendance.notice_holds is
'One row per notice of a day, school and cause for which it waits for a person, or did.';
comment on column attendance.notice_holds.slot is 'one a day, or one per time zone of the notice''s schools';
comment on column attendance.notice_holds.school_id is
'the school whose families are not told; empty: the whole district''s';
comment on column attendance.notice_holds.cause is
'too_many: the mass guard; no_row: the newest file of the day has no row of the school';
comment on column attendance.notice_holds.held_at is 'since when it waits for a person; null: it does not';
comment on column attendance.notice_holds.lapses_at is 'until when a person may release it';
comment on column attendance.notice_holds.hold_reason is 'why it waits, without a value of a row';
comment on column attendance.notice_holds.released_at is 'when a person released it';
comment on column attendance.notice_holds.released_students is 'how many students were released; more are held again';
comment on column attendance.notice_days.held_at is
'since when the newest of its holds waits for a person; null: none does';
comment on column attendance.notice_days.lapses_at is 'until when a person may release the last of them';

insert into attendance.notice_holds
(
    district_id, notice_id, date, slot, school_id, cause, held_at, lapses_at, hold_reason, released_at,
    released_students
)
select
    district_id, notice_id, date, slot, '', 'too_many', held_at, lapses_at, hold_reason, released_at,
    released_students
from attendance.notice_days
where held_at is not null or released_at is not null;

create or replace view attendance.held with (security_invoker) as
select
    h.district_id, h.date, h.notice_id, h.slot, h.hold_reason, h.held_at, h.lapses_at,
    case when h.lapses_at <= now() then 'lapsed' else 'held' end as state,
    count(*) as students, nullif(h.school_id, '') as school_id
from attendance.notice_holds as h
inner join attendance.notices as n
    on
        h.district_id = n.district_id and h.notice_id = n.notice_id and h.date = n.date
        and h.slot = n.slot and n.state = 'held'
        and (h.school_id = '' or n.events @> jsonb_build_array(jsonb_build_object('school_id', h.school_id)))
where h.held_at is not null
group by h.district_id, h.notice_id, h.date, h.slot, h.school_id, h.cause;
comment on view attendance.held is
'One row per notice of a day and school (null: every school) that waits for a person, or waited in vain (lapsed).';

grant select, insert, update, delete on attendance.notice_holds to rostersync_loader;
grant select on attendance.notice_holds to rostersync_reader, rostersync_operator;

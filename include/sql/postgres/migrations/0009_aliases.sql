-- purpose: students' former ids: what a new SIS called them before
-- grain: see each table
-- inputs: roster.students, roster_log.students
-- outputs: roster.student_aliases, directory.student_aliases; sync.holds.rekeyed
-- parameters: none

-- By school, students who seem to have a new id: counts, the ids lie in the archive.
alter table sync.holds add column rekeyed jsonb not null default '{}';

-- As a person approved it in the slot; rewritten with the slot's slice, as the log is.
create table roster.student_aliases (
    district_id text collate "C" not null,
    slot date not null,
    former_student_id text collate "C" not null,
    student_id text collate "C" not null,
    primary key (district_id, former_student_id, slot)
);
create index student_aliases_by_student on roster.student_aliases (district_id, student_id, slot);
create index student_aliases_by_slot on roster.student_aliases (district_id, slot);

create view directory.student_aliases with (security_invoker) as
select
    a.district_id,
    a.former_student_id,
    s.student_id,
    a.slot as changed_on
from roster.student_aliases as a
-- an id may have changed again since; it was the same child's as long as it was never gone in between
cross join lateral (
    with recursive ids as (
        select a.student_id, a.slot
        union all
        select n.student_id, n.slot
        from ids as i
        cross join lateral (
            select b.student_id, b.slot
            from roster.student_aliases as b
            where
                b.district_id = a.district_id and b.former_student_id = i.student_id
                and b.slot = (
                    select min(l.slot)
                    from roster_log.students as l
                    where
                        l.district_id = a.district_id and l.student_id = i.student_id
                        and l.op = 'D' and l.slot > i.slot
                )
        ) as n
    )
    select i.student_id, i.slot from ids as i order by i.slot desc limit 1
) as newest
inner join roster.students as s
    on s.district_id = a.district_id and s.student_id = newest.student_id
        and s._first_slot = newest.slot;
comment on view directory.student_aliases is
'One row per former id of a student who is there now: who was known by it until changed_on.';

grant select, insert, update, delete on roster.student_aliases to rostersync_loader;
grant select on roster.student_aliases to rostersync_reader, rostersync_operator;
grant select on directory.student_aliases to rostersync_loader, rostersync_reader, rostersync_operator;

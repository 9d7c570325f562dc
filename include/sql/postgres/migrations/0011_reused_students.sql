-- purpose: whom no notice may tell: students under whose id another child seems to be sent, until a person has said
-- grain: see each table and view
-- inputs: sync.slots, sync.files
-- outputs: roster.reused_students, directory.reused_students
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

grant select, insert, update, delete on roster.reused_students to rostersync_loader;
grant select on roster.reused_students to rostersync_reader, rostersync_operator;
grant select on directory.reused_students to rostersync_loader, rostersync_reader, rostersync_operator;

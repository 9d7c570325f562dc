-- purpose: beside the name a decision is given in, who the machine and the database knew its command as
-- grain: see each table
-- inputs: sync.decisions, sync.attendance_decisions
-- outputs: os_user and db_login of both, blank in what was decided before
-- parameters: none

alter table sync.decisions add column os_user text;
alter table sync.decisions add column db_login text;
comment on column sync.decisions.os_user is 'the operating system''s user that the command or task ran as';
comment on column sync.decisions.db_login is 'the warehouse''s login that wrote it';

alter table sync.attendance_decisions add column os_user text;
alter table sync.attendance_decisions add column db_login text;
comment on column sync.attendance_decisions.os_user is 'the operating system''s user that the command or task ran as';
comment on column sync.attendance_decisions.db_login is 'the warehouse''s login that wrote it';

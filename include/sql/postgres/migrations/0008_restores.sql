-- purpose: restores: a person puts the newest slot's state back to that of an earlier one
-- grain: see each table
-- inputs: none
-- outputs: sync.decisions (action restore, target), roster.* (rows that came back name no line of a file)
-- parameters: none

alter table sync.decisions drop constraint decisions_action_check;
alter table sync.decisions add constraint decisions_action_check
check (action in ('approve', 'discard', 'restore'));
-- restore: after which slot the state was as it is to be again
alter table sync.decisions add column target text collate "C";
alter table sync.decisions add constraint decisions_target_check
check ((action = 'restore') = (target is not null));

-- A row that a restore brought back is in no file of its slot.
alter table roster.schools alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.students alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.student_schools alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.staff alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.sections alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.section_teachers alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.parents alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.rosters alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.groups alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.group_members alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.group_user_members alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.emergency_contacts alter column _file_sha256 drop not null, alter column _line drop not null;
alter table roster.terms alter column _file_sha256 drop not null, alter column _line drop not null;

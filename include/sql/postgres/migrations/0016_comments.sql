-- purpose: what each table, view and function is for, said in the catalogue: psql's \d+ and docs/warehouse.md show it
-- grain: none
-- inputs: all tables, views and functions
-- outputs: comments
-- parameters: none

-- Rows of the current tables.
comment on table roster.schools is 'One row per school of a district, as of the newest slot.';
comment on table roster.terms is 'One row per school and term, as of the newest slot.';
comment on table roster.students is 'One row per student: the home school, name, grade and status, as of the newest slot.';
comment on table roster.student_schools is 'One row per student and school they are at, the home school too, as of the newest slot.';
comment on table roster.staff is 'One row per staff member and school, as of the newest slot.';
comment on table roster.sections is 'One row per school and section (a class), as of the newest slot.';
comment on table roster.section_teachers is 'One row per section and staff member who teaches it, as of the newest slot.';
comment on table roster.parents is 'One row per student and parent (contact), as of the newest slot.';
comment on table roster.rosters is 'One row per section and student who is in it, as of the newest slot.';
comment on table attendance.events is 'One row per event: a student, a date, a period (or all_day) and a code, as of the newest slot.';
comment on table roster.groups is 'One row per school and group, as of the newest slot.';
comment on table roster.group_members is 'One row per group and student who is in it, as of the newest slot.';
comment on table roster.group_user_members is 'One row per group and member who is no student: staff, parents, as of the newest slot.';
comment on table roster.emergency_contacts is 'One row per student and contact for emergencies, as of the newest slot.';

-- Their change logs: each slot owns its slice, what changed from the state before it to the state after it.
comment on table roster_log.schools is 'One row per slot and row of roster.schools that it added (op I), changed (U) or removed (D).';
comment on table roster_log.terms is 'One row per slot and row of roster.terms that it added (op I), changed (U) or removed (D).';
comment on table roster_log.students is 'One row per slot and row of roster.students that it added (op I), changed (U) or removed (D).';
comment on table roster_log.student_schools is 'One row per slot and row of roster.student_schools that it added (op I), changed (U) or removed (D).';
comment on table roster_log.staff is 'One row per slot and row of roster.staff that it added (op I), changed (U) or removed (D).';
comment on table roster_log.sections is 'One row per slot and row of roster.sections that it added (op I), changed (U) or removed (D).';
comment on table roster_log.section_teachers is 'One row per slot and row of roster.section_teachers that it added (op I), changed (U) or removed (D).';
comment on table roster_log.parents is 'One row per slot and row of roster.parents that it added (op I), changed (U) or removed (D).';
comment on table roster_log.rosters is 'One row per slot and row of roster.rosters that it added (op I), changed (U) or removed (D).';
comment on table attendance.event_log is 'One row per slot and row of attendance.events that it added (op I), changed (U) or removed (D).';
comment on table roster_log.groups is 'One row per slot and row of roster.groups that it added (op I), changed (U) or removed (D).';
comment on table roster_log.group_members is 'One row per slot and row of roster.group_members that it added (op I), changed (U) or removed (D).';
comment on table roster_log.group_user_members is 'One row per slot and row of roster.group_user_members that it added (op I), changed (U) or removed (D).';
comment on table roster_log.emergency_contacts is 'One row per slot and row of roster.emergency_contacts that it added (op I), changed (U) or removed (D).';

-- Their histories.
comment on view roster_history.schools is 'One row per version of a row of roster.schools, with the slots from which and until which it held.';
comment on view roster_history.terms is 'One row per version of a row of roster.terms, with the slots from which and until which it held.';
comment on view roster_history.students is 'One row per version of a row of roster.students, with the slots from which and until which it held.';
comment on view roster_history.student_schools is 'One row per version of a row of roster.student_schools, with the slots from which and until which it held.';
comment on view roster_history.staff is 'One row per version of a row of roster.staff, with the slots from which and until which it held.';
comment on view roster_history.sections is 'One row per version of a row of roster.sections, with the slots from which and until which it held.';
comment on view roster_history.section_teachers is 'One row per version of a row of roster.section_teachers, with the slots from which and until which it held.';
comment on view roster_history.parents is 'One row per version of a row of roster.parents, with the slots from which and until which it held.';
comment on view roster_history.rosters is 'One row per version of a row of roster.rosters, with the slots from which and until which it held.';
comment on view attendance.event_history is 'One row per version of a row of attendance.events, with the slots from which and until which it held.';
comment on view roster_history.groups is 'One row per version of a row of roster.groups, with the slots from which and until which it held.';
comment on view roster_history.group_members is 'One row per version of a row of roster.group_members, with the slots from which and until which it held.';
comment on view roster_history.group_user_members is 'One row per version of a row of roster.group_user_members, with the slots from which and until which it held.';
comment on view roster_history.emergency_contacts is 'One row per version of a row of roster.emergency_contacts, with the slots from which and until which it held.';

-- What belongs to them.
comment on table roster.student_aliases is 'One row per former id of a student and the slot in which a person approved the new one.';
comment on column roster.student_aliases.slot is 'the night from which on the student has the id of student_id';
comment on table roster.reused_students is 'One row per slot and student_id that seemed to be another child''s in it, until a person has said whose it is.';

-- Attendance.
comment on table attendance.notice_days is 'One row per notice of a district and day: its times, the file it was written from, and whether it waits for a person.';
comment on column attendance.notice_days.slot is 'one a day, or one per time zone of the notice''s schools';
comment on column attendance.notice_days.send_after is 'when families may be told';
comment on column attendance.notice_days.expires_at is 'until when they may be';
comment on column attendance.notice_days.file_slot is 'the slot whose file it was written from; null: none of the day yet';
comment on column attendance.notice_days.file_landing is 'that file''s landing';
comment on column attendance.notice_days.file_at is 'when the district had written that file';
comment on column attendance.notice_days.held_at is 'since when it waits for a person; null: it does not';
comment on column attendance.notice_days.lapses_at is 'until when a person may release it';
comment on column attendance.notice_days.hold_reason is 'why it waits, without a value of a row';
comment on column attendance.notice_days.released_at is 'when a person released it';
comment on column attendance.notice_days.released_students is 'how many students were released; more are held again';
comment on table attendance.notices is 'One row per notice of a day and student: what the student''s contacts are to be told, and what became of it.';
comment on column attendance.notices.events is 'school_id, period and code of each event, at least one';
comment on column attendance.notices.state is 'its status: pending, taken, acknowledged, withdrawn, unreachable or held';
comment on column attendance.notices.withdrawn_at is 'since when every event of it is gone';
comment on column attendance.notices.taken_at is 'when a sender took it; ten minutes later, if it was not acknowledged, another may';
comment on column attendance.notices.taken_by is 'the sender''s name';
comment on column attendance.notices.acknowledged_at is 'when the sender said that the family was told';
comment on function attendance.take_notices is 'The notices to send now, at most so many: they are the caller''s for ten minutes.';
comment on function attendance.acknowledge_notice is 'Notes that the family was told; false where the notice was not taken, or was acknowledged before.';
comment on function attendance.untold is 'The events of a notice that no other notice of the day has told the family; null: none.';
comment on function attendance.is_halted is 'Whether nothing may be taken: a person stopped the district or all of them, or skipped the day.';

-- The ledger.
comment on table sync.slots is 'One row per slot that is part of the warehouse: what was applied for it.';
comment on column sync.slots.landing is 'which of the slot''s landings was applied';
comment on column sync.slots.pin is 'hash of the suites, configuration and contract it was checked by';
comment on column sync.slots.base is 'names the state that its diff was computed against';
comment on column sync.slots.fingerprints is 'entity -> content of the state after the slot';
comment on column sync.slots.foreign_states is 'entity of another domain -> the state its references were looked for in';
comment on column sync.slots.sha256 is 'file -> sha256 of the bytes applied';
comment on column sync.slots.decided is 'what of the slot is held, and what people approved';
comment on table sync.slot_changes is 'One row per slot and entity: what changed, in numbers.';
comment on column sync.slot_changes.rows is 'rows of the state after the slot';
comment on column sync.slot_changes.carried is 'rows that kept their last good version';
comment on column sync.slot_changes.held is 'rows that wait for a person';
comment on column sync.slot_changes.reasons is 'carried rows by reason';
comment on table sync.runs is 'One row per attempt to sync a slot, the failed ones too.';
comment on column sync.runs.outcome is 'loaded, identical, held, rejected, missing and so on: docs/cli.md lists them';
comment on column sync.runs.recomputed is 'later slots that were recomputed because this one changed';
comment on column sync.runs.airflow_run_id is 'the run in Airflow; null: the command line''s';
comment on table sync.landings is 'One row per landing of an upload: where it came from, and when.';
comment on column sync.landings.source is 'server or folder';
comment on column sync.landings.fresh_at is 'when the upload was last changed on the server; of a folder, when a person last named it';
comment on table sync.files is 'One row per run and file: what became of it, and of its records.';
comment on column sync.files.state is 'its status: accepted, identical, missing, stale, empty, header_only or rejected';
comment on column sync.files.records is 'records = accepted + quarantined + duplicates; null: the file could not be read';
comment on column sync.files.rejected is 'records of a rejected file';
comment on table sync.findings is 'One row per run, file and rule that was broken: how often, and where first.';
comment on column sync.findings.first_lines is 'at most 20 line numbers of the file';
comment on table sync.holds is 'One row per thing that waits for a person, or waited.';
comment on column sync.holds.slot is 'the newest slot it is about; a decision is for this one';
comment on column sync.holds.kind is 'first_load, set (the whole upload) or slices';
comment on column sync.holds.label is 'what the upload looks like: rollover, rekey';
comment on column sync.holds.reasons is 'why it waits, without a value of a row';
comment on column sync.holds.slices is 'entity, kind, scope, count, limit, reason and fingerprint of each';
comment on column sync.holds.counts is 'rows that would exist, by entity (first load)';
comment on column sync.holds.rekeyed is 'students who seem to have a new id, by school';
comment on column sync.holds.state is 'its status: open, approved, discarded, superseded or expired';
comment on column sync.holds.first_slot is 'the slot it began with';
comment on table sync.decisions is 'One row per decision about a hold, and per restore; never changed, never removed.';
comment on column sync.decisions.slices is 'the slices that were approved or discarded';
comment on column sync.decisions.until is 'of a discard: also of later slots, to this date';
comment on column sync.decisions.target is 'of a restore: after which slot the state was as it is to be again';
comment on table sync.waivers is 'One row per grant of a waiver: a rule accepted for a district until a date.';
comment on column sync.waivers.until is 'the last day it holds, in the district''s time zone';
comment on column sync.waivers.ended_at is 'when a person ended it before its date; null: nobody did';
comment on table sync.attendance_decisions is 'One row per decision about notices; the newest about a thing holds.';
comment on column sync.attendance_decisions.action is 'stop, resume, skip, unskip or release';
comment on column sync.attendance_decisions.district_id is 'null: every district (stop, resume)';
comment on column sync.attendance_decisions.students is 'of a release: how many were to be told';
comment on table sync.alerts is 'One row per thing that our own people were alerted to, with its text.';
comment on column sync.alerts.district_id is 'null: about the fleet';
comment on column sync.alerts.about is 'what is raised once: a date, or a notice and its date';
comment on column sync.alerts.body is 'plain text without a value of a row';
comment on column sync.alerts.html is 'the same for a mail; empty: the body';
comment on column sync.alerts.items is 'of a digest: what needs a person';
comment on column sync.alerts.failure is 'why the last try to deliver it failed';
comment on table sync.alert_deliveries is 'One row per alert and channel it goes to.';
comment on column sync.alert_deliveries.channel is 'email, or apprise and a connection''s name; never a URL';
comment on column sync.alert_deliveries.failure is 'null: delivered';

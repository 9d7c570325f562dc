-- purpose: who said what about notices, and why
-- grain: one row
-- inputs: none
-- outputs: sync.attendance_decisions
-- parameters: %(action)s, %(district)s, %(date)s, %(notice)s, %(slot)s, %(students)s, %(who)s, %(why)s, %(now)s
insert into sync.attendance_decisions
(action, district_id, date, notice_id, slot, students, decided_by, reason, decided_at, os_user, db_login)
values (
    %(action)s, %(district)s, %(date)s::date, %(notice)s, %(slot)s, %(students)s, %(who)s, %(why)s,
    %(now)s::timestamptz, nullif(current_setting('rostersync.os_user', true), ''), session_user
)

-- purpose: who took a slot out of the fold or put it back, and why
-- grain: one row
-- inputs: none
-- outputs: sync.decisions
-- parameters: %(district)s, %(domain)s, %(slot)s, %(landing)s, %(action)s, %(applied)s (null: it is put back), %(who)s,
--   %(why)s
insert into sync.decisions
(district_id, domain, slot, landing, action, applied, decided_by, reason, os_user, db_login)
values (
    %(district)s, %(domain)s, %(slot)s, %(landing)s, %(action)s, %(applied)s, %(who)s, %(why)s,
    nullif(current_setting('rostersync.os_user', true), ''), session_user
)

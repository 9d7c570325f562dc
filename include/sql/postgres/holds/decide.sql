-- purpose: who decided what about a hold or a slot's state, and why
-- grain: one row
-- inputs: none
-- outputs: sync.decisions
-- parameters: %(hold)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(action)s, %(slices)s, %(target)s, %(until)s,
--   %(who)s, %(why)s
insert into sync.decisions
(hold_id, district_id, domain, slot, landing, action, slices, target, until, decided_by, reason, os_user, db_login)
values (
    %(hold)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(action)s, %(slices)s, %(target)s, %(until)s,
    %(who)s, %(why)s, nullif(current_setting('rostersync.os_user', true), ''), session_user
)

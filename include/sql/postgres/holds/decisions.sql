-- purpose: the decisions about a district's slots, oldest first
-- grain: decision
-- inputs: sync.decisions
-- outputs: returned rows (hold_id, slot, landing, action, slices, target, until, decided_by, os_user, db_login, reason,
--   decided_at)
-- parameters: %(district)s, %(domain)s
select
    hold_id::text, slot, landing, action, slices, target, until, decided_by, os_user, db_login, reason,
    decided_at
from sync.decisions
where district_id = %(district)s and domain = %(domain)s
order by decided_at, decision_id

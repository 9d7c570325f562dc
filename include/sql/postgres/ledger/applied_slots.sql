-- purpose: the fold of one district and domain, in slot order
-- grain: slot
-- inputs: sync.slots
-- outputs: returned rows
-- parameters: %(district)s, %(domain)s
select slot, landing, pin, base, run_id::text as run_id, fingerprints, sha256, foreign_states, decided
from sync.slots
where district_id = %(district)s and domain = %(domain)s
order by slot

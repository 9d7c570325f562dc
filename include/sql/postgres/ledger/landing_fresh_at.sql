-- purpose: when a landing's upload was last changed
-- grain: one row, or none
-- inputs: sync.landings
-- outputs: returned row (fresh_at)
-- parameters: %(district)s, %(domain)s, %(slot)s, %(landing)s
select fresh_at
from sync.landings
where
    district_id = %(district)s and domain = %(domain)s and slot = %(slot)s and landing = %(landing)s

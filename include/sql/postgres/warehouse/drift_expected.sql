-- purpose: how many rows each entity had when a slot was loaded
-- grain: entity
-- inputs: sync.slot_changes
-- outputs: returned rows (entity, rows)
-- parameters: %(district)s, %(domain)s, %(slot)s
select entity, rows
from sync.slot_changes
where district_id = %(district)s and domain = %(domain)s and slot = %(slot)s

-- purpose: take a slot out of the ledger's fold
-- grain: one row
-- inputs: none
-- outputs: sync.slots, sync.slot_changes
-- parameters: %(district)s, %(domain)s, %(slot)s
delete from sync.slots
where district_id = %(district)s and domain = %(domain)s and slot = %(slot)s

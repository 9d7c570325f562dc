-- purpose: end a district's waiver of a rule before its date
-- grain: one row
-- inputs: none
-- outputs: sync.waivers; returned rows (until), none where there was no waiver to end
-- parameters: %(district)s, %(rule)s, %(who)s, %(why)s
update sync.waivers set ended_at = now(), ended_by = %(who)s, ended_reason = %(why)s
where district_id = %(district)s and rule = %(rule)s and ended_at is null
returning until

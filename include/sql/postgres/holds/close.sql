-- purpose: a hold that waits no more
-- grain: one row
-- inputs: none
-- outputs: sync.holds
-- parameters: %(hold)s, %(state)s
update sync.holds set state = %(state)s, closed_at = now()
where hold_id = %(hold)s and state = 'open'

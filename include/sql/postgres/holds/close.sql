-- purpose: a hold that waits no more
-- grain: one row
-- inputs: none
-- outputs: sync.holds
-- parameters: %(hold)s, %(status)s
update sync.holds set state = %(status)s, closed_at = now()
where hold_id = %(hold)s and state = 'open'

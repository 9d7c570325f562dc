-- purpose: who decided what about a hold, and why
-- grain: one row
-- inputs: none
-- outputs: sync.decisions
-- parameters: %(hold)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(action)s, %(slices)s, %(until)s, %(who)s, %(why)s
insert into sync.decisions
(hold_id, district_id, domain, slot, landing, action, slices, until, decided_by, reason)
values (
    %(hold)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(action)s, %(slices)s, %(until)s, %(who)s, %(why)s
)

-- purpose: accept a rule for a district until a date
-- grain: one row
-- inputs: none
-- outputs: sync.waivers
-- parameters: %(district)s, %(rule)s, %(until)s, %(who)s, %(why)s
insert into sync.waivers (district_id, rule, until, granted_by, reason)
values (%(district)s, %(rule)s, %(until)s, %(who)s, %(why)s)

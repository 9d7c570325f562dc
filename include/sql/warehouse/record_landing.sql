-- purpose: keep that a landing exists
-- grain: one row
-- inputs: none
-- outputs: sync.landings
-- parameters: %(district)s, %(domain)s, %(slot)s, %(landing)s, %(source)s, %(landed_at)s
insert into sync.landings (district_id, domain, slot, landing, source, landed_at)
values (%(district)s, %(domain)s, %(slot)s, %(landing)s, %(source)s, %(landed_at)s)
on conflict (district_id, domain, slot, landing) do nothing

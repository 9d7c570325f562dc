-- purpose: keep that a landing exists, and the newest time its upload was changed
-- grain: one row
-- inputs: none
-- outputs: sync.landings
-- parameters: %(district)s, %(domain)s, %(slot)s, %(landing)s, %(source)s, %(landed_at)s, %(fresh_at)s
insert into sync.landings as l (district_id, domain, slot, landing, source, landed_at, fresh_at)
values (%(district)s, %(domain)s, %(slot)s, %(landing)s, %(source)s, %(landed_at)s, %(fresh_at)s)
on conflict (district_id, domain, slot, landing) do update set
    fresh_at = greatest(l.fresh_at, excluded.fresh_at)

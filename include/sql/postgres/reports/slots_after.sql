-- purpose: slots of after a date: part of the fold, or waiting whole for a person
-- grain: district, domain and slot
-- inputs: sync.slots, sync.holds
-- outputs: returned rows (district, domain, slot), in order
-- parameters: %(district)s (null: all), %(day)s (YYYY-MM-DD)
select
    district_id as district,
    domain,
    slot
from sync.slots
where (%(district)s::text is null or district_id = %(district)s) and left(slot, 10) > %(day)s
union
select
    district_id,
    domain,
    slot
from sync.holds
where
    state = 'open' and (%(district)s::text is null or district_id = %(district)s) and left(slot, 10) > %(day)s
order by district, domain, slot

-- purpose: slots that are taken out of the fold
-- grain: slot, in order
-- inputs: sync.removed_slots
-- outputs: returned rows (district, domain, slot, landing, applied, who, why, at)
-- parameters: %(district)s, %(domain)s, %(slot)s (each null: any)
select
    district_id as district,
    domain,
    slot,
    landing,
    applied,
    decided_by as who,
    reason as why,
    decided_at as at
from sync.removed_slots
where
    (%(district)s::text is null or district_id = %(district)s)
    and (%(domain)s::text is null or domain = %(domain)s)
    and (%(slot)s::text is null or slot = %(slot)s)
order by district_id, domain, slot

-- purpose: slots of one day of which a run ended so, each with the newest landing that did
-- grain: slot
-- inputs: sync.runs, sync.removed_slots
-- outputs: returned rows (slot, landing)
-- parameters: %(district)s, %(domain)s, %(day)s (YYYY-MM-DD), %(outcome)s
select slot, max(landing) as landing
from sync.runs
where
    district_id = %(district)s and domain = %(domain)s and left(slot, 10) = %(day)s and outcome = %(outcome)s
    and landing is not null
    and slot not in (
        select gone.slot from sync.removed_slots as gone
        where gone.district_id = %(district)s and gone.domain = %(domain)s
    )
group by slot
order by slot

-- purpose: the newest slots of a fold, and what each changed
-- grain: slot, newest first
-- inputs: sync.slots, sync.slot_changes
-- outputs: returned rows (slot, landing, run_id, applied_at, added, changed, removed, held)
-- parameters: %(district)s, %(domain)s, %(newest)s: how many
select
    s.slot,
    s.landing,
    s.run_id::text as run_id,
    s.applied_at,
    coalesce(sum(c.added), 0)::bigint as added,
    coalesce(sum(c.changed), 0)::bigint as changed,
    coalesce(sum(c.removed), 0)::bigint as removed,
    coalesce(sum(c.held), 0)::bigint as held
from sync.slots as s
left join sync.slot_changes as c
    on s.district_id = c.district_id and s.domain = c.domain and s.slot = c.slot
where s.district_id = %(district)s and s.domain = %(domain)s
group by s.slot, s.landing, s.run_id, s.applied_at
order by s.slot desc
limit %(newest)s

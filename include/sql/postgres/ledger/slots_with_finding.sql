-- purpose: slots of the fold whose newest run that loaded found a rule broken
-- grain: slot
-- inputs: sync.slots, sync.runs, sync.findings
-- outputs: returned rows (slot), in order
-- parameters: %(district)s, %(domain)s, %(rule)s, %(since)s (the first date, YYYY-MM-DD)
select s.slot
from sync.slots as s
inner join lateral (
    select r.run_id
    from sync.runs as r
    where
        r.district_id = s.district_id and r.domain = s.domain and r.slot = s.slot
        and r.landing = s.landing and r.outcome in ('loaded', 'identical')
    order by r.finished_at desc
    limit 1
) as newest on true
where
    s.district_id = %(district)s and s.domain = %(domain)s and s.slot >= %(since)s
    and exists (
        select from sync.findings as f where f.run_id = newest.run_id and f.rule = %(rule)s
    )
order by s.slot

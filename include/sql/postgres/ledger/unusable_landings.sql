-- purpose: landings of a slot whose last run found them unusable (rejected or incomplete)
-- grain: landing
-- inputs: sync.runs
-- outputs: returned rows (landing)
-- parameters: %(district)s, %(domain)s, %(slot)s
select landing
from (
    select distinct on (landing) landing, outcome
    from sync.runs
    where
        district_id = %(district)s and domain = %(domain)s and slot = %(slot)s
        and landing is not null
    order by landing, finished_at desc
) as newest
where outcome in ('rejected', 'missing')

-- purpose: what became of some districts' nights
-- grain: district and slot; districts and slots are parallel lists
-- inputs: sync.runs
-- outputs: returned rows (district, slot, outcome of the newest run of the slot or null, whether one loaded,
--   whether the district has run it or an earlier one)
-- parameters: %(domain)s, %(districts)s, %(slots)s
select
    wanted.district_id,
    wanted.slot,
    (
        select runs.outcome
        from sync.runs
        where
            runs.district_id = wanted.district_id
            and runs.domain = %(domain)s
            and runs.slot = wanted.slot
        order by runs.finished_at desc
        limit 1
    ) as outcome,
    exists(
        select 1
        from sync.runs
        where
            runs.district_id = wanted.district_id
            and runs.domain = %(domain)s
            and runs.slot = wanted.slot
            and runs.outcome in ('loaded', 'identical')
    ) as is_loaded,
    exists(
        select 1
        from sync.runs
        where
            runs.district_id = wanted.district_id
            and runs.domain = %(domain)s
            and runs.slot <= wanted.slot
    ) as has_run
from unnest(%(districts)s::text[], %(slots)s::text[]) as wanted (district_id, slot)

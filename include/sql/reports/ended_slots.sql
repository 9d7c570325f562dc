-- purpose: of some slots, those that have ended at least once, and Airflow's run to open again
-- grain: slot; districts and slots are parallel lists
-- inputs: sync.runs
-- outputs: returned rows (district, slot, Airflow's id of the newest run; null when only the CLI ran it)
-- parameters: %(domain)s, %(districts)s, %(slots)s
select distinct on (runs.district_id, runs.slot)
    runs.district_id,
    runs.slot,
    runs.airflow_run_id
from sync.runs
inner join unnest(%(districts)s::text[], %(slots)s::text[]) as wanted (district_id, slot)
    on runs.district_id = wanted.district_id and runs.slot = wanted.slot
where runs.domain = %(domain)s
order by runs.district_id, runs.slot, runs.airflow_run_id is null, runs.finished_at desc

-- purpose: of some slots, those that have ended at least once and are not taken out, and Airflow's run to open again
-- grain: slot; districts and slots are parallel lists
-- inputs: sync.runs, sync.removed_slots
-- outputs: returned rows (district, slot, Airflow's id of the newest run; null when only the CLI ran it)
-- One that the schedule began is preferred: a run by hand may have been told where to take its files.
-- parameters: %(domain)s, %(districts)s, %(slots)s
select distinct on (runs.district_id, runs.slot)
    runs.district_id,
    runs.slot,
    runs.airflow_run_id
from sync.runs
inner join unnest(%(districts)s::text[], %(slots)s::text[]) as wanted (district_id, slot)
    on runs.district_id = wanted.district_id and runs.slot = wanted.slot
where
    runs.domain = %(domain)s
    and not exists (
        select from sync.removed_slots as gone
        where
            gone.district_id = runs.district_id and gone.domain = runs.domain and gone.slot = runs.slot
    )
order by
    runs.district_id,
    runs.slot,
    runs.airflow_run_id is null,
    runs.airflow_run_id not like 'scheduled\_\_%%',
    runs.finished_at desc

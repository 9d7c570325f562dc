-- purpose: keep what a run did; the same run reported twice stays one row
-- grain: one row
-- inputs: none
-- outputs: sync.runs
-- parameters: %(run_id)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(pin)s, %(outcome)s, %(message)s,
--   %(recomputed)s, %(started_at)s, %(airflow_run_id)s
insert into sync.runs
(run_id, district_id, domain, slot, landing, pin, outcome, message, recomputed, started_at, airflow_run_id)
values (
    %(run_id)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(pin)s, %(outcome)s, %(message)s,
    %(recomputed)s, %(started_at)s, %(airflow_run_id)s
)
on conflict (run_id) do update set
    landing = excluded.landing,
    pin = excluded.pin,
    outcome = excluded.outcome,
    message = excluded.message,
    recomputed = excluded.recomputed,
    finished_at = now()

-- purpose: how a slot and those before it ended: the newest run of each, with its files' states
-- grain: slot, newest first; none that was not expected
-- inputs: sync.runs, sync.files
-- outputs: returned rows (slot, run_id, outcome, message, states by file, is_newest: no later slot has a run)
-- parameters: %(district)s, %(domain)s, %(slot)s, %(most)s
with newest as (
    select distinct on (slot) slot, run_id, outcome, message
    from sync.runs
    where
        district_id = %(district)s and domain = %(domain)s
        and outcome not in ('not_expected', 'no_school')
    order by slot desc, finished_at desc, run_id desc
)

select
    newest.slot,
    newest.run_id::text as run_id,
    newest.outcome,
    newest.message,
    (
        select coalesce(jsonb_object_agg(files.file, files.state), '{}')
        from sync.files as files
        where files.run_id = newest.run_id
    ) as states,
    not exists (select from newest as later where later.slot > newest.slot) as is_newest
from newest
where newest.slot <= %(slot)s
order by newest.slot desc
limit %(most)s

-- purpose: how a slot and those before it ended: the newest run of each, with its files' states
-- grain: slot, newest first; one that was not expected only where something of it was found
-- inputs: sync.runs, sync.files, sync.findings, sync.removed_slots
-- outputs: returned rows (slot, run_id, outcome, message, states by file, is_newest: no later slot has a run)
-- parameters: %(district)s, %(domain)s, %(slot)s, %(most)s, %(last)s (YYYY-MM-DD: slots of after it are a mistake)
with newest as (
    select distinct on (slot) slot, run_id, outcome, message
    from sync.runs
    where
        district_id = %(district)s and domain = %(domain)s and outcome <> 'no_school'
        and (
            outcome <> 'not_expected'
            or exists (select from sync.findings as f where f.run_id = sync.runs.run_id)
        )
        and slot not in (
            select gone.slot from sync.removed_slots as gone
            where gone.district_id = %(district)s and gone.domain = %(domain)s
        )
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
    not exists (
        select from newest as later
        where later.slot > newest.slot and later.slot <= %(last)s and later.outcome <> 'not_expected'
    ) as is_newest
from newest
where newest.slot <= %(slot)s
order by newest.slot desc
limit %(most)s

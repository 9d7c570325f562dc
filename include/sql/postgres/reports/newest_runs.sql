-- purpose: the newest runs of each district and domain: outcome, accounting, and what their slot changed
-- grain: run; district null: of all, newest: how many of each district and domain
-- inputs: sync.runs, sync.files, sync.slots, sync.slot_changes
-- outputs: returned rows, each district's newest run first; changes is empty when the run wrote no slice
-- parameters: %(district)s, %(newest)s
with ranked as (
    select
        *,
        row_number() over (
            partition by district_id, domain order by finished_at desc, run_id
        ) as place
    from sync.runs
    where %(district)s::text is null or district_id = %(district)s::text
)

select
    ranked.district_id as district,
    ranked.domain,
    ranked.slot,
    ranked.landing,
    ranked.run_id::text as run_id,
    ranked.outcome,
    ranked.message,
    ranked.started_at,
    ranked.finished_at,
    counted.files,
    counted.records,
    counted.accepted,
    counted.quarantined,
    counted.duplicates,
    coalesce(slice.changes, '{}') as changes
from ranked
cross join lateral (
    select
        count(*) filter (where files.state <> 'missing') as files,
        coalesce(sum(files.records), 0)::bigint as records,
        coalesce(sum(files.accepted), 0)::bigint as accepted,
        coalesce(sum(files.quarantined), 0)::bigint as quarantined,
        coalesce(sum(files.duplicates), 0)::bigint as duplicates
    from sync.files as files
    where files.run_id = ranked.run_id
) as counted
left join lateral (
    select
        jsonb_object_agg(
            entity,
            jsonb_build_object('added', added, 'changed', changed, 'removed', removed)
        ) as changes
    from sync.slots as slots
    inner join sync.slot_changes as moved using (district_id, domain, slot)
    where slots.run_id = ranked.run_id
) as slice on true
where ranked.place <= %(newest)s
order by ranked.district_id, ranked.domain, ranked.place

-- purpose: how far each district's fold has come, and how many rows its newest state holds
-- grain: district and domain; district null: all
-- inputs: sync.slots, sync.slot_changes
-- outputs: returned rows (district, domain, slots, first and newest slot, newest landing, rows by entity)
-- parameters: %(district)s
with ranked as (
    select
        district_id,
        domain,
        slot,
        landing,
        count(*) over folds as slots,
        min(slot) over folds as first_slot,
        row_number() over (folds order by slot desc) as place
    from sync.slots
    where %(district)s::text is null or district_id = %(district)s::text
    window folds as (partition by district_id, domain)
)

select
    newest.district_id as district,
    newest.domain,
    newest.slots,
    newest.first_slot,
    newest.slot as newest_slot,
    newest.landing,
    (
        select coalesce(jsonb_object_agg(entity, rows), '{}')
        from sync.slot_changes as counted
        where
            counted.district_id = newest.district_id
            and counted.domain = newest.domain
            and counted.slot = newest.slot
    ) as rows
from ranked as newest
where newest.place = 1
order by newest.district_id, newest.domain

-- purpose: the cheap look for drift: how many rows a current table has, and which of them nobody can have loaded
-- grain: one row
-- inputs: <table>, sync.slots
-- outputs: returned row (rows, rows of a run that no slot was loaded by, rows changed after the newest slot)
-- parameters: entity, %(district)s, %(domain)s, %(newest)s (the newest slot loaded, or null)
select
    count(*) as row_count,
    count(*) filter (
        where _run_id not in (
            select run_id from sync.slots where district_id = %(district)s and domain = %(domain)s
        )
    ) as of_unknown_run,
    count(*) filter (where _changed_slot > %(newest)s::{{ entity.slot_type }}) as after_newest
from {{ entity.table }}
where district_id = %(district)s

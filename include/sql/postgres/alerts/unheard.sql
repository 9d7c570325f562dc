-- purpose: rules that say of attendance since the night before that no family hears of it
-- grain: rule
-- inputs: sync.runs, sync.findings, sync.removed_slots
-- outputs: returned rows (rule, slot_count, is_new: not so in the attendance before)
-- parameters: %(district)s, %(domain)s (attendance), %(rules)s, %(before)s, %(since)s, %(until)s (dates of nights: the
--   one before the last, the last, and this one)
with newest as (
    select distinct on (slot) slot, run_id
    from sync.runs
    where
        district_id = %(district)s and domain = %(domain)s and left(slot, 10) > %(before)s
        and left(slot, 10) <= %(until)s
        and slot not in (
            select gone.slot from sync.removed_slots as gone
            where gone.district_id = %(district)s and gone.domain = %(domain)s
        )
    order by slot, finished_at desc
)

select
    f.rule,
    count(distinct n.slot) filter (where left(n.slot, 10) > %(since)s)::int as slot_count,
    bool_and(left(n.slot, 10) > %(since)s) as is_new
from newest as n
inner join sync.findings as f on n.run_id = f.run_id
where f.rule = any(%(rules)s::text[])
group by f.rule
having count(*) filter (where left(n.slot, 10) > %(since)s) > 0
order by f.rule

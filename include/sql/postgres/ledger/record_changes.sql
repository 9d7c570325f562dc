-- purpose: slice(N) in numbers
-- grain: entity
-- inputs: none
-- outputs: sync.slot_changes
-- parameters: %(district)s, %(domain)s, %(slot)s, %(changes)s (JSON, an object per entity)
insert into sync.slot_changes
(district_id, domain, slot, entity, rows, added, changed, removed, unchanged, carried, held, reasons)
select
    %(district)s, %(domain)s, %(slot)s, c.entity, c.rows, c.added, c.changed, c.removed,
    c.unchanged, c.carried, c.held, c.reasons
from jsonb_to_recordset(%(changes)s) as c (
    entity text, rows bigint, added bigint, changed bigint, removed bigint,
    unchanged bigint, carried bigint, held bigint, reasons jsonb
)
on conflict (district_id, domain, slot, entity) do update set
    rows = excluded.rows,
    added = excluded.added,
    changed = excluded.changed,
    removed = excluded.removed,
    unchanged = excluded.unchanged,
    carried = excluded.carried,
    held = excluded.held,
    reasons = excluded.reasons

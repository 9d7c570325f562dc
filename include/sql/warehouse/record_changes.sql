-- purpose: slice(N) in numbers
-- grain: entity
-- inputs: none
-- outputs: sync.slot_changes
-- parameters: %(district)s, %(domain)s, %(slot)s, %(entity)s, %(rows)s, %(added)s, %(changed)s, %(removed)s, %(unchanged)s, %(carried)s, %(held)s, %(reasons)s
insert into sync.slot_changes
(district_id, domain, slot, entity, rows, added, changed, removed, unchanged, carried, held, reasons)
values (
    %(district)s, %(domain)s, %(slot)s, %(entity)s, %(rows)s, %(added)s, %(changed)s, %(removed)s,
    %(unchanged)s, %(carried)s, %(held)s, %(reasons)s
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

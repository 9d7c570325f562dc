-- purpose: the same hold again in a later slot, or in a repeated run: it keeps its id and its age
-- grain: one row
-- inputs: none
-- outputs: sync.holds
-- parameters: %(hold)s, %(slot)s, %(landing)s, %(label)s, %(reasons)s, %(slices)s, %(rekeyed)s
update sync.holds set
    slot = %(slot)s,
    landing = %(landing)s,
    label = %(label)s,
    reasons = %(reasons)s,
    slices = %(slices)s,
    rekeyed = %(rekeyed)s
where hold_id = %(hold)s

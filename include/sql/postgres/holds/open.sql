-- purpose: a new hold
-- grain: one row
-- inputs: none
-- outputs: sync.holds
-- parameters: %(hold)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(kind)s, %(label)s, %(reasons)s,
--   %(slices)s, %(counts)s, %(rekeyed)s
insert into sync.holds
(hold_id, district_id, domain, slot, landing, kind, label, reasons, slices, counts, rekeyed, state,
    first_slot)
values (
    %(hold)s, %(district)s, %(domain)s, %(slot)s, %(landing)s, %(kind)s, %(label)s, %(reasons)s, %(slices)s,
    %(counts)s, %(rekeyed)s, 'open', %(slot)s
)

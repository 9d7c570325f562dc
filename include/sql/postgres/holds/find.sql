-- purpose: holds of the ledger, newest first
-- grain: hold
-- inputs: sync.holds
-- outputs: returned rows
-- parameters: %(district)s, %(domain)s, %(status)s, %(hold)s (each null: any; a hold's first characters will do)
select
    hold_id::text as hold_id, district_id as district, domain, slot, landing, kind, label, reasons, slices, counts,
    state as status, first_slot, opened_at, closed_at, rekeyed
from sync.holds
where
    (%(district)s::text is null or district_id = %(district)s)
    and (%(domain)s::text is null or domain = %(domain)s)
    and (%(status)s::text is null or state = %(status)s)
    and (%(hold)s::text is null or starts_with(hold_id::text, %(hold)s))
order by opened_at desc, hold_id

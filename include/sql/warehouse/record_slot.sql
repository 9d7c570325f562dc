-- purpose: make a slot part of the fold, or move it
-- grain: one row
-- inputs: none
-- outputs: sync.slots
-- parameters: %(district)s, %(domain)s, %(slot)s, %(landing)s, %(pin)s, %(base)s, %(run_id)s, %(fingerprints)s, %(sha256)s
insert into sync.slots
(district_id, domain, slot, landing, pin, base, run_id, fingerprints, sha256)
values (
    %(district)s, %(domain)s, %(slot)s, %(landing)s, %(pin)s, %(base)s, %(run_id)s,
    %(fingerprints)s, %(sha256)s
)
on conflict (district_id, domain, slot) do update set
    landing = excluded.landing,
    pin = excluded.pin,
    base = excluded.base,
    run_id = excluded.run_id,
    fingerprints = excluded.fingerprints,
    sha256 = excluded.sha256,
    applied_at = now()

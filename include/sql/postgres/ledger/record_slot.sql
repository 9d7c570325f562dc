-- purpose: make a slot part of the fold, or move it
-- grain: one row
-- inputs: none
-- outputs: sync.slots
-- parameters: %(district)s, %(domain)s, %(slot)s, %(landing)s, %(pin)s, %(base)s, %(run_id)s, %(fingerprints)s,
--   %(sha256)s, %(foreign)s, %(decided)s
insert into sync.slots
(district_id, domain, slot, landing, pin, base, run_id, fingerprints, sha256, foreign_states, decided)
values (
    %(district)s, %(domain)s, %(slot)s, %(landing)s, %(pin)s, %(base)s, %(run_id)s,
    %(fingerprints)s, %(sha256)s, %(foreign)s, %(decided)s
)
on conflict (district_id, domain, slot) do update set
    landing = excluded.landing,
    pin = excluded.pin,
    base = excluded.base,
    run_id = excluded.run_id,
    fingerprints = excluded.fingerprints,
    sha256 = excluded.sha256,
    foreign_states = excluded.foreign_states,
    decided = excluded.decided,
    applied_at = now()

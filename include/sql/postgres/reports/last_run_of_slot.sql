-- purpose: how far a slot has come: its newest run, and the newest landing any run of it ended with
-- grain: one row; none when no run of the slot has ended
-- inputs: sync.runs
-- outputs: returned row (outcome, message, landing)
-- parameters: %(district)s, %(domain)s, %(slot)s
select
    outcome,
    message,
    max(landing) over () as landing
from sync.runs
where district_id = %(district)s and domain = %(domain)s and slot = %(slot)s
order by finished_at desc
limit 1

-- purpose: what was said last about a district's day (skip, unskip) or sending (stop, resume)
-- grain: one row, or none
-- inputs: sync.attendance_decisions
-- outputs: returned row (action, decided_by, reason, decided_at)
-- parameters: %(district)s (null: every district), %(date)s (null: sending), %(actions)s
select action, decided_by, reason, decided_at
from sync.attendance_decisions
where
    action = any(%(actions)s::text[])
    and district_id is not distinct from %(district)s::text
    and date is not distinct from %(date)s::date
order by decision_id desc
limit 1

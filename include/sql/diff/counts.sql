-- purpose: count a change set and sum the hashes that move the state's fingerprint
-- grain: one row
-- inputs: changes_<entity>
-- outputs: returned row (added, changed, removed, sums of the lower and upper hash halves after minus before)
-- parameters: entity
select
    count(*) filter (where op = 'I') as added,
    count(*) filter (where op = 'U') as changed,
    count(*) filter (where op = 'D') as removed,
    coalesce(sum(_s_lower::hugeint), 0) - coalesce(sum(_p_lower::hugeint), 0) as lower,
    coalesce(sum(_s_upper::hugeint), 0) - coalesce(sum(_p_upper::hugeint), 0) as upper
from {{ ('changes_' ~ entity.name) | quote }}

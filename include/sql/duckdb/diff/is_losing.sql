-- purpose: whether some row of an earlier state is gone
-- grain: one row, or none
-- inputs: prev_<entity> (the earlier state), state_<entity>
-- outputs: returned row (1)
-- parameters: entity
select 1
from {{ ('prev_' ~ entity.name) | quote }} as w
anti join {{ ('state_' ~ entity.name) | quote }} as n on {{ entity.key | pairs('w', 'n') }}
limit 1

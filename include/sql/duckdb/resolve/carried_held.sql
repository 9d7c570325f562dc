-- purpose: rows that keep their version before because the change of them is held
-- grain: key
-- inputs: prev_<entity>, held_<entity>
-- outputs: rows into carried_<entity>
-- parameters: entity
insert into {{ ('carried_' ~ entity.name) | quote }} ({{ entity.columns | columns }}, _reason)
select {{ entity.columns | columns('p') }}, 'held'
from {{ ('prev_' ~ entity.name) | quote }} as p
semi join {{ ('held_' ~ entity.name) | quote }} as h on {{ entity.key | pairs('p', 'h') }}

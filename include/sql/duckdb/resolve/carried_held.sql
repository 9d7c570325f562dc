-- purpose: rows that keep their version before because the change of them is held, or their school is not there
-- grain: key
-- inputs: prev_<entity>, held_<entity>
-- outputs: rows into carried_<entity>
-- parameters: entity
insert into {{ ('carried_' ~ entity.name) | quote }} ({{ entity.columns | columns }}, _reason)
select {{ entity.columns | columns('p') }}, case when h.op = 'O' then 'out_of_scope' else 'held' end
from {{ ('prev_' ~ entity.name) | quote }} as p
inner join {{ ('held_' ~ entity.name) | quote }} as h on {{ entity.key | pairs('p', 'h') }}

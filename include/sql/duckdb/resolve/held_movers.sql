-- purpose: who goes at one school while they wait to come at another stays: what refers to them by their id alone would
--   be nobody's
-- grain: key
-- inputs: prev_<entity>, accepted_<entity>, carried_<entity>, held_<entity>
-- outputs: rows into held_<entity> (removals)
-- parameters: entity, ids (columns by which others refer to its rows, a part of its key)
insert into {{ ('held_' ~ entity.name) | quote }} (op, _scope, {{ entity.columns | columns }})
with standing as (
    select {{ ids | columns('a') }}
    from {{ ('accepted_' ~ entity.name) | quote }} as a
    anti join {{ ('held_' ~ entity.name) | quote }} as h on {{ entity.key | pairs('a', 'h') }}
    union all
    select {{ ids | columns }} from {{ ('carried_' ~ entity.name) | quote }}
    union all
    select {{ ids | columns }} from {{ ('held_' ~ entity.name) | quote }} where op <> 'I'
)

select 'D', p.{{ entity.scope | quote }}, {{ entity.columns | columns('p') }}
from {{ ('prev_' ~ entity.name) | quote }} as p
anti join {{ ('accepted_' ~ entity.name) | quote }} as a on {{ entity.key | pairs('p', 'a') }}
anti join {{ ('carried_' ~ entity.name) | quote }} as c on {{ entity.key | pairs('p', 'c') }}
semi join {{ ('held_' ~ entity.name) | quote }} as h on h.op = 'I' and {{ ids | pairs('p', 'h') }}
anti join standing as s on {{ ids | pairs('p', 's') }}

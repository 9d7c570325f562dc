-- purpose: rows that stand as they were because tonight's upload lacks them or has them otherwise
-- grain: key
-- inputs: target_<entity>, tonight_<entity>, undone_<entity>
-- outputs: returned_<entity> (contract columns)
-- parameters: entity
create or replace table {{ ('returned_' ~ entity.name) | quote }} as
select {{ entity.columns | columns('t') }}
from {{ ('target_' ~ entity.name) | quote }} as t
left join {{ ('tonight_' ~ entity.name) | quote }} as n on {{ entity.key | pairs('t', 'n') }}
left join {{ ('undone_' ~ entity.name) | quote }} as u on {{ entity.key | pairs('t', 'u') }}
where t.stands and (n.{{ entity.key[0] | quote }} is null or u.{{ entity.key[0] | quote }} is not null)

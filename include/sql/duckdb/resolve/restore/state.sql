-- purpose: the state this slot produces where something is restored
-- grain: key
-- inputs: tonight_<entity>, undone_<entity>, returned_<entity>
-- outputs: state_<entity> (_line: null of a row that is not tonight's; contract columns)
-- parameters: entity
create or replace view {{ ('state_' ~ entity.name) | quote }} as
select n.*
from {{ ('tonight_' ~ entity.name) | quote }} as n
anti join {{ ('undone_' ~ entity.name) | quote }} as u on {{ entity.key | pairs('n', 'u') }}
union all
select null, {{ entity.columns | columns }} from {{ ('returned_' ~ entity.name) | quote }}

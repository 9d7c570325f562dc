-- purpose: what references may look into: the state, and additions that are held (their children wait with them)
-- grain: key
-- inputs: state_<entity>, held_<entity>
-- outputs: referable_<entity> (_line, contract columns)
-- parameters: entity, hold (something of it is held)
create or replace view {{ ('referable_' ~ entity.name) | quote }} as
from {{ ('state_' ~ entity.name) | quote }}
{% if hold %}
union all
select null, {{ entity.columns | columns }} from {{ ('held_' ~ entity.name) | quote }} where op = 'I'
{% endif %}

-- purpose: what references may look into: the state, additions that are held (their children wait with them), and
--   rows that are gone by a restore (a record that refers to one is no mistake of the district's)
-- grain: key
-- inputs: state_<entity>, held_<entity>, undone_<entity>
-- outputs: referable_<entity> (_line, contract columns)
-- parameters: entity, hold (something of it is held), restored (something of the slot is)
create or replace view {{ ('referable_' ~ entity.name) | quote }} as
from {{ ('state_' ~ entity.name) | quote }}
{% if hold %}
union all
select null, {{ entity.columns | columns }} from {{ ('held_' ~ entity.name) | quote }} where op = 'I'
{% endif %}
{% if restored %}
union all
select null, {{ entity.columns | columns }} from {{ ('undone_' ~ entity.name) | quote }}
{% endif %}

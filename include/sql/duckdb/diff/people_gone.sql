-- purpose: people of whom nothing is left: what hung on them counts for no limit, their own removal does
-- grain: person (by the columns that others know them by)
-- inputs: moved_<entity>, state_<entity> (where those are not the whole key)
-- outputs: gone_people_<entity> (columns)
-- parameters: entity, names (the columns)
create or replace table {{ ('gone_people_' ~ entity.name) | quote }} as
select distinct {{ names | columns('m') }}
from {{ ('moved_' ~ entity.name) | quote }} as m
{% if names | list != entity.key | list %}
anti join {{ ('state_' ~ entity.name) | quote }} as s on {{ names | pairs('m', 's') }}
{% endif %}
where m.op = 'D'

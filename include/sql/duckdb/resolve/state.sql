-- purpose: the state this slot produces = accepted without held changes + carried
-- grain: key
-- inputs: accepted_<entity>, carried_<entity>, held_<entity>
-- outputs: <view> (_line: null when carried; contract columns)
-- parameters: entity, hold (something of it is held), view (state_<entity>, or where something is restored
--   tonight_<entity>: the state without that), has_carried, kind (table or view)
create or replace {{ kind }} {{ view | quote }} as
select _line, {{ entity.columns | columns }}
from {{ ('accepted_' ~ entity.name) | quote }} as a
{% if hold %}
anti join {{ ('held_' ~ entity.name) | quote }} as h on {{ entity.key | pairs('a', 'h') }}
{% endif %}
{% if has_carried %}
union all
select null, {{ entity.columns | columns }} from {{ ('carried_' ~ entity.name) | quote }}
{% endif %}

-- purpose: the rows of one entity that two states differ in, with what limits look at
-- grain: key
-- inputs: prev_<entity>, state_<entity>
-- outputs: moved_<entity> (op I/D, _scope: the school it counts for, key columns, names)
-- parameters: entity, names (columns beside the key)
create or replace table {{ ('moved_' ~ entity.name) | quote }} as
{% for op, one, other in (('D', 'prev_', 'state_'), ('I', 'state_', 'prev_')) %}
{{ 'union all' if not loop.first }}
select
    {{ op | literal }} as op,
    r.{{ entity.scope | quote }} as _scope,
    {% for n in names %}
    r.{{ n | quote }},
    {% endfor %}
    {{ entity.key | columns('r') }}
from {{ (one ~ entity.name) | quote }} as r
anti join {{ (other ~ entity.name) | quote }} as o on {{ entity.key | pairs('r', 'o') }}
{% endfor %}

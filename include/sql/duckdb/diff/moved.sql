-- purpose: the rows of one entity that a diff adds and removes, with what limits and ties look at
-- grain: key
-- inputs: changes_<entity> (as archived, or with its _school), prev_<entity> (read where is_stored)
-- outputs: moved_<entity> (op I/D, _scope: the school it counts for, key columns, names)
-- parameters: entity, names (columns beside the key), has_school (the changes have _school), is_stored (something that
--   is asked for is in the row before only)
create or replace table {{ ('moved_' ~ entity.name) | quote }} as
select
    c.op,
    {% if has_school %}
    c._school as _scope,
    {% elif is_stored %}
    coalesce(p.{{ entity.scope | quote }}, c.{{ entity.scope | quote }}) as _scope,
    {% else %}
    c.{{ entity.scope | quote }} as _scope,
    {% endif %}
    {% for n in names %}
    {% if is_stored %}
    coalesce(p.{{ n | quote }}, c.{{ n | quote }}) as {{ n | quote }},
    {% else %}
    c.{{ n | quote }},
    {% endif %}
    {% endfor %}
    {{ entity.key | columns('c') }}
from {{ ('changes_' ~ entity.name) | quote }} as c
{% if is_stored %}
left join {{ ('prev_' ~ entity.name) | quote }} as p on c.op = 'D' and {{ entity.key | pairs('c', 'p') }}
{% endif %}
where c.op <> 'U'

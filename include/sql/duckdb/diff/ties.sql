-- purpose: which added and removed rows refer to each other, as slices
-- grain: pair of (entity, kind, school)
-- inputs: moved_<entity> of each, with the columns that refer
-- outputs: returned rows (entity, kind, school or '', of the row that refers; the same of the row that it refers to)
-- parameters: tied (each an entity and a reference of it)
{% macro kind(side) -%}
case {{ side }}.op when 'D' then 'removed' else 'added' end
{%- endmacro %}
{% for entity, reference in tied %}
{{ 'union' if not loop.first }}
select distinct
    {{ entity.name | literal }} as entity,
    {{ kind('c') }} as kind,
    coalesce(c._scope, '') as scope,
    {{ reference.entity | literal }} as other_entity,
    {{ kind('p') }} as other_kind,
    coalesce(p._scope, '') as other_scope
from {{ ('moved_' ~ entity.name) | quote }} as c
inner join {{ ('moved_' ~ reference.entity) | quote }} as p on
    {% for r in reference.columns %}
    {{ 'and' if not loop.first }} c.{{ r | quote }} = p.{{ reference.to[loop.index0] | quote }}
    {% endfor %}
{% endfor %}

-- purpose: how many rows have a value in each column, before and among tonight's own
-- grain: two rows: the state before, then tonight's rows without the carried ones (those keep their values)
-- inputs: prev_<entity>, state_<entity>
-- outputs: returned rows (side, rows, rows with a value in each column that is no part of the key, in order)
-- parameters: entity
{% macro filled() %}
{% for c in entity.values %}
{% set cell = "nullif(%s::varchar, '{}')" if c.kind == 'json' else '%s' %}
, count({{ cell % (c.name | quote) }})
{% endfor %}
{% endmacro %}
select 1 as side, count(*){{ filled() }} from {{ ('prev_' ~ entity.name) | quote }}
union all
select 2, count(*){{ filled() }} from {{ ('state_' ~ entity.name) | quote }} where _line is not null
order by side

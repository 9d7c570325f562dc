-- purpose: how many rows have a value in each column, before and among tonight's own
-- grain: two rows: the state before, then tonight's rows without the carried ones (those keep their values)
-- inputs: prev_<entity>, state_<entity>
-- outputs: returned rows (side, rows, rows with a value in each column that is no part of the key, in order)
-- parameters: entity, is_refused (some attributes are kept no more: a row that has no other has none),
--             $refused (their names; only when is_refused)
{% macro cell(c) %}
{% if c.kind != 'json' %}
{{ c.name | quote }}
{% elif is_refused %}
nullif(len(list_filter(json_keys({{ c.name | quote }}::json), lambda name: not list_contains($refused, name))), 0)
{% else %}
nullif({{ c.name | quote }}::varchar, '{}')
{% endif %}
{% endmacro %}
{% macro filled() %}
{% for c in entity.values %}
, count({{ cell(c) | trim }})
{% endfor %}
{% endmacro %}
select 1 as side, count(*){{ filled() }} from {{ ('prev_' ~ entity.name) | quote }}
union all
select 2, count(*){{ filled() }} from {{ ('state_' ~ entity.name) | quote }} where _line is not null
order by side

-- purpose: the text of a row that its hash is made of (spec/places.py says why it is as it is)
-- grain: macro row_text(entity, side), an expression; side: the relation's alias
-- inputs: <side> (contract columns)
-- outputs: none
-- parameters: none
{# NUL cannot be in a cell (such a file is rejected), so it parts cells and marks NULL without doubt. #}
{% from 'duckdb/resolve/made_key.sql' import made_key %}
{% macro row_text(entity, side) -%}
concat_ws(chr(0)
{%- for name, column in entity.places -%}
{# what a key was made of before says the same, and gives the hash of before #}
, {% if entity.made and name == entity.made.column %}{{ made_key(entity.made, 1, side ~ '.') }}
{%- elif column %}coalesce({{ side }}.{{ name | quote }}{{ '' if column.duckdb_type == 'VARCHAR' else '::varchar' }}, chr(0) || 'n'){% else %}chr(0) || 'n'{% endif %}
{%- endfor -%}
{%- for column in entity.later -%}
, '{{ column.name }}=' || {{ side }}.{{ column.name | quote }}::varchar
{%- endfor -%}
)
{%- endmacro %}

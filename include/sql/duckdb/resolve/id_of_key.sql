-- purpose: the id in a key column, and of whom it is: of a member it is in the key that is made, after its kind
-- grain: macros id_of_key(entity, column, key) and owner_of_key(entity, owner, key), expressions
-- inputs: none
-- outputs: none
-- parameters: none
{% macro id_of_key(entity, column, key) -%}
{{ "split_part(%s, ' ', 2)" % key if entity.made and column == entity.made.column else key }}
{%- endmacro %}
{% macro owner_of_key(entity, owner, key) -%}
{% if owner -%}
{{ owner | literal }}
{%- else -%}
case split_part({{ key }}, ' ', 1) when 'staff' then 'staff' when 'parent' then 'parents' else {{ entity.name | literal }} end
{%- endif %}
{%- endmacro %}

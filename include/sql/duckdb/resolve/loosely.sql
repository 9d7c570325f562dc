-- purpose: an id without what a spreadsheet or an export adds to it or takes from it: leading zeros, case, a trailing .0
-- grain: macro loosely(id), an expression: ids with the same one may be the same id, damaged
-- inputs: none
-- outputs: none
-- parameters: none
{% macro loosely(id) -%}
lower(ltrim(regexp_replace({{ id }}, '\.0$', ''), '0'))
{%- endmacro %}

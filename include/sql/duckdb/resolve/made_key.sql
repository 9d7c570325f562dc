-- purpose: a key column that is made of the row's other columns
-- grain: macro made_key(made, recipe, side), an expression; side: the relation's alias with its dot, or nothing
-- inputs: none
-- outputs: none
-- parameters: none
{# the same in Postgres: postgres/draft/made_key.sql #}
{% macro bounded(key) %}
{# names and emails have no limit, an index row of Postgres has one: a longer key is its hash #}
case when strlen({{ key }}) > 765 then md5({{ key }}) else {{ key }} end
{%- endmacro %}
{% macro made_key(made, recipe, side='') -%}
case
{%- for column, kind in made.kinds %}
{%- set cell = side ~ (column.name | quote) %}
 when {{ cell }} is not null then {{ "'%s ' || " % kind if recipe > 1 }}{{ bounded('lower(%s)' % cell if column.kind == 'email' else cell) }}
{%- endfor %}
 end
{%- endmacro %}

-- purpose: a key column that is made of the row's other columns
-- grain: macro made_key(made), an expression
-- inputs: none
-- outputs: none
-- parameters: none
{# the same in DuckDB: duckdb/resolve/made_key.sql #}
{% macro bounded(key) -%}
case when octet_length({{ key }}) > 765 then md5({{ key }}) else {{ key }} end
{%- endmacro %}
{% macro made_key(made) -%}
case
    {% for column, kind in made.kinds %}
    {% set cell = column.name | quote %}
    when {{ cell }} is not null then {{ "'%s ' || " % kind if made.recipe > 1 }}{{ bounded('lower(%s)' % cell if column.kind == 'email' else cell) }}
    {% endfor %}
end
{%- endmacro %}

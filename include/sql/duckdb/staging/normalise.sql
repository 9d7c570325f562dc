-- purpose: bring every cell into the contract's form, and keep its text as sent beside it
-- grain: one row per well-formed record, in file order (so no join and no sort: either would lose the order)
-- inputs: staging_raw (c0, c1, ...), staging_maps (kind, sent, value), staging_attributes (position, name)
-- outputs: the rows of staged/<file>.parquet: _line, then <column> and <column>__raw in the contract's order,
--          then attributes where the file keeps them, and a wide layout's values (null in the other layout)
-- parameters: Jinja line (SQL of a row's physical line), sources (contract column, raw column or none),
--             phone_digits (fewest digits of a phone by column, ten else), attributes (raw columns),
--             keeps_attributes, white_space (what is trimmed),
--             placeholders (what is sent for a blank),
--             wide (the file's second layout or none), wide_sources (value in the header, raw column)
{% macro trimmed(cell) -%}
{# trim() with so many characters costs 10 times this look at both ends, which nearly every cell passes. -#}
case when {{ cell }} between '!' and '~~' and {{ cell }}[-1] between '!' and '~' then {{ cell }}
    else nullif(trim({{ cell }}, {{ white_space | literal }}), '') end
{%- endmacro %}
{% macro blanked(cell) -%}
case when {{ cell }} not in ({{ placeholders | map('literal') | join(', ') }}) then {{ cell }} end
{%- endmacro %}
{% macro mapped(kind, cell) -%}
(select map(list(sent), list(value)) from staging_maps where kind = '{{ kind }}')[{{ cell }}]
{%- endmacro %}
{% macro phone(cell, fewest) -%}
{# A cell of nothing but punctuation stays as it is: it was sent, so it is invalid and not blank. -#}
{# A # between digits starts an extension, as an x does; elsewhere it is punctuation. -#}
{% set extension = '(?:extension|ext|x|#)#?[0-9]{1,6}' -%}
case when regexp_full_match({{ cell }}, '[0-9]{10}') or not regexp_matches({{ cell }}, '[\p{L}\p{N}]')
    then {{ cell }}
    else {% if fewest < 10 %}regexp_replace({% endif -%}
        regexp_replace(trim(regexp_replace({{ cell }}, '[^\p{L}\p{N}#]+', '', 'g'), '#'),
        '(?i)^1?([0-9]{10})(?:{{ extension }})?$', '\1')
        {%- if fewest < 10 %}, '(?i)^([0-9]{{ '{' }}{{ fewest }},9})(?:{{ extension }})$', '\1'){% endif %} end
{%- endmacro %}
{% macro grade(cell) -%}
coalesce({{ mapped("grade", cell) }},
    case when regexp_full_match({{ cell }}, '-?[0-9]+')
        then regexp_replace(regexp_replace({{ cell }}, '^(-?)0*([0-9]+)$', '\1\2'), '^-0$', '0') end,
    {{ cell }})
{%- endmacro %}
{% macro date(cell) -%}
case when regexp_full_match({{ cell }}, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}')
    then coalesce(cast(cast(try_strptime({{ cell }}, '%m/%d/%Y') as date) as varchar), {{ cell }})
    else {{ cell }} end
{%- endmacro %}
{% macro form(column, cell) -%}
{%- if column.kind == "email" -%}lower({{ cell }})
{%- elif column.kind == "phone" -%}{{ phone(cell, phone_digits.get(column.name, 10)) }}
{%- elif column.kind == "grade" -%}{{ grade(cell) }}
{#- "drop" is the map's own word: sent as such it is an unknown status, not a decision -#}
{%- elif column.kind == "status" -%}coalesce({{ mapped("status", cell) }}, case when {{ cell }} = 'drop' then 'DROP' else {{ cell }} end, '1')
{%- elif column.kind == "language" -%}coalesce({{ mapped("language", cell) }}, {{ cell }})
{%- elif column.kind == "date" -%}{{ date(cell) }}
{%- else -%}{{ cell }}
{%- endif -%}
{%- endmacro %}
with trimmed as (
    select
        {% for column, source in sources if source %}
        coalesce({{ source }}, '') as {{ source }},
        {{ trimmed(source) }} as t{{ source }},
        {% endfor %}
        {% for source in attributes + (wide_sources | map("last") | list) %}
        {{ trimmed(source) }} as t{{ source }},
        {% endfor %}
        {{ line }} as _line
    from staging_raw
),

sent as (
    select
        * replace (
            {% for column, source in sources if source and not column.needs_value %}
            {{ blanked("t" ~ source) }} as t{{ source }},
            {% endfor %}
            {% for source in attributes + (wide_sources | map("last") | list) %}
            {{ blanked("t" ~ source) }} as t{{ source }},
            {% endfor %}
            _line as _line
        )
    from trimmed
)

select
    _line,
    {% for column, source in sources %}
    {{ form(column, "t" ~ source if source else "cast(null as varchar)") }} as {{ column.name | quote }},
    {{ source or "cast(null as varchar)" }} as {{ (column.name ~ "__raw") | quote }},
    {% endfor %}
    {% if keeps_attributes %}
    {% if attributes %}
    nullif(cast(to_json(map_from_entries(list_filter(
        list_zip(
            (select list(name order by position) from staging_attributes),
            [{{ attributes | map("replace", "c", "tc") | join(", ") }}]),
        lambda entry: entry[2] is not null))) as varchar), '{}') as attributes,
    {% else %}
    cast(null as varchar) as attributes,
    {% endif %}
    {% endif %}
    {% if wide_sources %}
    cast(to_json(map(
        [{{ wide_sources | map("first") | map("literal") | join(", ") }}],
        [{{ wide_sources | map("last") | map("replace", "c", "tc") | join(", ") }}]
    )) as varchar) as {{ wide.column | quote }},
    {% elif wide %}
    cast(null as varchar) as {{ wide.column | quote }},
    {% endif %}
from sent

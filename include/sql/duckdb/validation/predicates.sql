-- purpose: when one record breaks a rule, for each expectation type that looks at one record by itself
-- grain: record
-- inputs: a staged, clean or sound table
-- outputs: macro broken(type, kwargs, column): true for a record that breaks the rule; false or null else
-- parameters: type, kwargs, column (of a wide or standard type), known (constants of validation/vocabulary)
{% macro sent(column) -%}
not coalesce(regexp_matches({{ (column ~ '__raw') | quote }}, {{ known.NOTHING_SENT | literal }}), true)
{%- endmacro %}
{% macro texts(values) -%}
({{ values | map('literal') | join(', ') }})
{%- endmacro %}
{% macro is_date(column) -%}
(regexp_full_match({{ column }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
and {{ column }} between {{ known.FIRST_DAY | literal }} and {{ known.LAST_DAY | literal }}
and try_cast({{ column }} as date) is not null)
{%- endmacro %}
{% macro broken(type, kwargs, column) -%}
{% set c = column | quote if column else '' %}
{% if type == 'expect_column_values_to_not_be_null' %}
{{ c }} is null
{%- elif type == 'expect_column_values_to_be_in_set' %}
{{ c }} not in {{ texts(kwargs.value_set) }}
{%- elif type == 'expect_column_values_to_not_be_in_set' %}
{{ c }} in {{ texts(kwargs.value_set) }}
{%- elif type == 'expect_column_values_to_match_regex' %}
not regexp_matches({{ c }}, {{ kwargs.regex | literal }})
{%- elif type == 'expect_column_values_to_not_match_regex' %}
regexp_matches({{ c }}, {{ kwargs.regex | literal }})
{%- elif type == 'expect_columns_to_be_present' %}
{{ c }} is null
{%- for other in kwargs.get('when', []) %} and {{ other | quote }} is not null {%- endfor %}
{%- for other in kwargs.get('unless', []) %} and {{ other | quote }} is null {%- endfor %}
{%- elif type == 'expect_columns_to_hold_clean_ids' %}
regexp_matches({{ c }}, {{ known.UNCLEAN_ID | literal }}) or length({{ c }}) > {{ known.MAX_ID }}
or strlen({{ c }}) > {{ known.MAX_ID_BYTES }}
{%- elif type == 'expect_columns_to_hold_no_decimal_ids' %}
ends_with({{ c }}, '.0')
{%- elif type == 'expect_columns_to_hold_languages' %}
{{ c }} not in {{ texts(known.language_codes()) }}
{%- elif type == 'expect_columns_to_hold_phones' %}
not regexp_full_match({{ c }}, {{ ('[0-9]{' ~ kwargs.min_digits ~ ',' ~ known.MAX_DIGITS ~ '}') | literal }})
{%- elif type == 'expect_columns_to_hold_no_excel_errors' %}
{{ c }} in {{ texts(known.EXCEL_ERRORS) }}
{%- elif type == 'expect_columns_to_hold_no_placeholders' %}
regexp_matches({{ (column ~ '__raw') | quote }}, {{ known.PLACEHOLDER | literal }})
{%- elif type == 'expect_columns_to_hold_dates' %}
{{ c }} is not null and not {{ is_date(c) }}
{%- elif type == 'expect_date_not_before' %}
try_cast({{ c }} as date) < try_cast({{ kwargs.other | quote }} as date)
{%- elif type == 'expect_year_near_date' %}
abs(try_cast({{ c }} as integer) - year(try_cast({{ kwargs.date | quote }} as date))) > {{ kwargs.years }}
{%- elif type == 'expect_columns_to_fit' %}
length({{ c }}) > {{ kwargs.max_length }}
{%- elif type in ('expect_contact_to_be_sent', 'expect_sent_contact_to_be_valid') %}
{%- for name in kwargs.columns %}{{ name | quote }} is null and {% endfor -%}
{{ 'not' if type == 'expect_contact_to_be_sent' }} (
    {%- for name in kwargs.columns %}
    {{ 'or' if not loop.first }} {{ sent(name) }}
    {%- endfor %}

)
{%- else %}
{{ undefined_predicate[type] }}
{%- endif %}
{%- endmacro %}

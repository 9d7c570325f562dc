-- purpose: one contact of one student, whatever the keys are: the same names, and the same email or, where either has
--   none, the same mobile
-- grain: macros same_contact(one, other) and same_way(one, other), conditions on two relations with the contract's columns
-- inputs: none
-- outputs: none
-- parameters: none
{% macro same_way(one, other) -%}
case
    when {{ one }}.email is null or {{ other }}.email is null then {{ one }}.mobile = {{ other }}.mobile
    else lower({{ one }}.email) = lower({{ other }}.email)
end
{%- endmacro %}
{% macro same_contact(one, other) -%}
{{ one }}.student_id = {{ other }}.student_id
and lower({{ one }}.first_name) = lower({{ other }}.first_name)
and lower({{ one }}.last_name) = lower({{ other }}.last_name)
and {{ same_way(one, other) }}
{%- endmacro %}

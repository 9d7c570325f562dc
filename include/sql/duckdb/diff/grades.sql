-- purpose: when a student has gone up a grade
-- grain: pair of grades
-- inputs: none
-- outputs: macro one_up(before, now), each SQL of a grade: the next one; below kindergarten any higher one up to it,
--   for there children enter at any of them
-- parameters: none
{% macro one_up(before, now) -%}
({{ now }} = {{ before }} + 1 or ({{ before }} < {{ now }} and {{ now }} <= 0))
{%- endmacro %}

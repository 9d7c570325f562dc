-- purpose: find the records that break rules which look at one record by itself; one scan for all of them
-- grain: rule, record
-- inputs: <relation>
-- outputs: rows into found
-- parameters: relation, rules (list of number, type, kwargs, column), known
{% from 'duckdb/validation/predicates.sql' import broken with context %}
insert into found
select rule_no::integer, _line
from (
    select
        -- as text: a list of numbers would be built for every record, with a null for each rule it keeps
        unnest(string_split(concat_ws(
            ',',
            {% for r in rules %}
            case when {{ broken(r.type, r.kwargs, r.column) }} then '{{ r.number }}' end {{- ',' if not loop.last }}
            {% endfor %}
        ), ',')) as rule_no,
        _line
    from {{ relation | quote }}
)
where rule_no <> ''

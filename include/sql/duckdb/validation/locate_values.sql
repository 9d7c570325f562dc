-- purpose: find the values, in any file, that break rules which ask the same of one value
-- grain: rule, record
-- inputs: the relation of each place
-- outputs: rows into found
-- parameters: places (list of number, type, kwargs, relation, column; the first one's type and kwargs are all's), known
{% from 'duckdb/validation/predicates.sql' import broken with context %}
insert into found
with sent as materialized ( -- so that the condition, which may be long, is made once and not once a place
    {% for p in places %}
    {{ 'union all' if not loop.first }}
    select {{ p.number }} as rule_no, _line, {{ p.column | quote }} as found_value
    from {{ p.relation | quote }}
    where {{ p.column | quote }} is not null
    {% endfor %}
)

select
    unnest(case when {{ broken(places[0].type, places[0].kwargs, 'found_value') }} then [rule_no] end),
    _line
from sent

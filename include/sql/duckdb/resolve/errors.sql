-- purpose: gather the error findings of one file, a row per record that stays out
-- grain: _line
-- inputs: findings
-- outputs: errors_<file> (_line, rules, columns, only_unreachable)
-- parameters: file, unreachable_rules (a record whose only errors are these was blanked, not damaged)
create or replace table {{ ('errors_' ~ file.name) | quote }} as
select
    _line,
    list(distinct rule order by rule) as rules,
    list(distinct "column") as columns,
    bool_and(rule in ({{ unreachable_rules | map('literal') | join(', ') }})) as only_unreachable
from findings
where file = {{ file.name | literal }} and severity = 'error'
group by _line

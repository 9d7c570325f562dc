-- purpose: gather the error findings, a row per record that stays out
-- grain: file x _line
-- inputs: findings
-- outputs: errors (file, _line, rules, columns, only_unreachable: a record whose only error this is was blanked,
--   not damaged)
-- parameters: none
create or replace table errors as
select
    file,
    _line,
    list(distinct rule order by rule) as rules,
    list(distinct "column") as columns,
    bool_and(rule = file || '.contact.unreachable') as only_unreachable
from findings
where severity = 'error'
group by file, _line

-- purpose: validation's findings, and the records whose date is too far from the slot's day: an error like any other
-- grain: rule, record
-- inputs: findings, sent_<file>
-- outputs: findings_and_far (as findings)
-- parameters: file, entity, rule, days (farther is an error), $day (of the slot)
create or replace table findings_and_far as
select file, entity, rule, severity, "column", _line
from findings
union all
select
    {{ file.name | literal }}, {{ entity.name | literal }}, {{ rule | literal }}, 'error', 'date', _line
from {{ ('sent_' ~ file.name) | quote }}
where abs(date_diff('day', try_cast("date" as date), $day::date)) > {{ days }}

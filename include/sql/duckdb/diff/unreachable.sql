-- purpose: records of one file that are in quarantine only because they name no way to reach the person
-- grain: one row
-- inputs: excluded_<file>
-- outputs: returned row (count)
-- parameters: file
select count(*)
from (
    select _line
    from {{ ('excluded_' ~ file.name) | quote }}
    where kind = 'quarantined'
    group by _line
    having bool_and(reason = 'unreachable')
)

-- purpose: every place of one file where a rule is broken, for the district's list of what to correct
-- grain: rule x line
-- inputs: found, kept_lines
-- outputs: returned rows (rule, _line, kept: stored rows that stay because the record's key cannot be read), by rule
--   then line; as many of a rule as diff/findings.sql counts
-- parameters: file
select f.rule, f._line, coalesce(k.kept, 0) as kept
from (select distinct rule, _line from found where file = {{ file.name | literal }}) as f
left join (
    select _line, sum(kept)::bigint as kept
    from kept_lines
    where file = {{ file.name | literal }}
    group by _line
) as k on f._line = k._line
order by f.rule, f._line

-- purpose: every place of one file where a rule is broken, for the district's list of what to correct
-- grain: rule x line
-- inputs: found
-- outputs: returned rows (rule, _line), by rule then line; as many of a rule as diff/findings.sql counts
-- parameters: file
select distinct rule, _line
from found
where file = {{ file.name | literal }}
order by rule, _line

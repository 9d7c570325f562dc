-- purpose: the findings of a run, as archived
-- grain: rule, record
-- inputs: found, rules
-- outputs: returned rows (file, entity, rule, severity, column, _line)
-- parameters: none
select r.file, r.entity, r.rule, r.severity, r."column", f._line
from found as f
inner join rules as r on f.rule_no = r.rule_no

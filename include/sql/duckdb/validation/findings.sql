-- purpose: the findings of a run, as archived
-- grain: rule, record
-- inputs: found, rules, known_findings (the findings of an earlier run, where some are taken from it)
-- outputs: returned rows (file, entity, rule, severity, column, _line)
-- parameters: taken (files whose findings are known)
select r.file, r.entity, r.rule, r.severity, r."column", f._line
from found as f
inner join rules as r on f.rule_no = r.rule_no
{% if taken %}
union all
select file, entity, rule, severity, "column", _line
from known_findings
where file in ({{ taken | map('literal') | join(', ') }})
{% endif %}

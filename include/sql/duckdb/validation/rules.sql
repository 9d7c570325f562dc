-- purpose: the rules of this run by number
-- grain: rule
-- inputs: none
-- outputs: rules (rule_no, rule, file, entity, phase, severity, column, blanks)
-- parameters: $documents (JSON list, one object per rule in order)
create or replace table rules as
select
    r.rule_no,
    r.rule,
    r.file,
    r.entity,
    r.phase,
    r.severity,
    r."column",
    r.blanks
from (
    select unnest(from_json(
        $documents::json,
        '[{
            "rule_no": "INTEGER", "rule": "VARCHAR", "file": "VARCHAR", "entity": "VARCHAR",
            "phase": "VARCHAR", "severity": "VARCHAR", "column": "VARCHAR", "blanks": "BOOLEAN"
        }]'
    )) as r
)

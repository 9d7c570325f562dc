-- purpose: every place where a rule is broken: what the report counts and the district's list names
-- grain: file x rule x line
-- inputs: findings (validation's), excluded, notes (warnings of resolve), left_out
-- outputs: found (file, rule, column, _line)
-- parameters: none
create or replace table found as
select file, rule, "column", _line
from findings
where severity <> 'error' or (file, _line) not in (select (file, _line) from left_out)
union
select x.file, x.rule, null, x._line
from excluded as x
anti join (select distinct file, rule from findings) as f on x.file = f.file and x.rule = f.rule
where
    x.reason <> 'duplicate'
    -- one cause, one finding: validation said already what differs between a section's records
    and not (
        x.reason = 'first_wins'
        and (x.file, x._line) in (
            select (file, _line) from findings where rule = 'sections.section_id.consistent'
        )
    )
union
select file, rule, null, _line from notes

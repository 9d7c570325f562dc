-- purpose: every place of one file where a rule is broken: what the report counts and the district's list names
-- grain: rule x line
-- inputs: findings (validation's), excluded_<file> (or an empty stand-in), notes_<file> (warnings of resolve)
-- outputs: found_<file> (rule, column, _line)
-- parameters: file
create or replace view {{ ('found_' ~ file.name) | quote }} as
select rule, "column", _line
from findings
where file = {{ file.name | literal }}
union
select x.rule, null, x._line
from {{ ('excluded_' ~ file.name) | quote }} as x
where
    x.reason <> 'duplicate'
    -- one cause, one finding: validation said already what differs between a section's records
    and not (
        x.reason = 'first_wins'
        and x._line in (
            select _line from findings
            where file = {{ file.name | literal }} and rule = 'sections.section_id.consistent'
        )
    )
    and x.rule not in (select distinct rule from findings where file = {{ file.name | literal }})
union
select rule, null, _line from {{ ('notes_' ~ file.name) | quote }}

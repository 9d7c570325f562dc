-- purpose: every place of one file where a rule is broken, for the district's list of what to correct
-- grain: rule x line
-- inputs: findings (validation's), excluded_<file>, notes_<file> (warnings of resolve), as resolve leaves them
-- outputs: returned rows (rule, _line), by rule then line; as many of a rule as diff/findings.sql counts
-- parameters: file
with found as (
    select rule, _line
    from findings
    where file = {{ file.name | literal }}
    union
    select x.rule, x._line
    from {{ ('excluded_' ~ file.name) | quote }} as x
    where
        x.reason <> 'duplicate'
        -- one cause, one finding, as diff/findings.sql has it
        and not (
            x.reason = 'first_wins'
            and x._line in (
                select _line from findings
                where file = {{ file.name | literal }} and rule = 'sections.section_id.consistent'
            )
        )
        and x.rule not in (select distinct rule from findings where file = {{ file.name | literal }})
    union
    select rule, _line from {{ ('notes_' ~ file.name) | quote }}
)
select rule, _line
from found
order by rule, _line

-- purpose: everything found in one file, by rule
-- grain: rule
-- inputs: findings (validation's), excluded_<file> (or an empty stand-in), notes_<file> (warnings of resolve)
-- outputs: returned rows (rule, column, count of records, first 20 lines)
-- parameters: file
with found as (
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
)
select
    rule,
    max("column") as "column",
    count(distinct _line) as record_count,
    list_sort(list(distinct _line))[:20] as first_lines
from found
group by rule
order by rule

-- purpose: everything found in one file, by rule
-- grain: rule
-- inputs: found_<file>
-- outputs: returned rows (rule, column, count of records, first 20 lines)
-- parameters: file
select
    rule,
    max("column") as "column",
    count(*) as record_count,
    min(_line, 20) as first_lines
from (
    select rule, _line, max("column") as "column"
    from {{ ('found_' ~ file.name) | quote }}
    group by rule, _line
) as found
group by rule
order by rule

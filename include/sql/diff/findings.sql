-- purpose: everything found in one file, by rule
-- grain: rule
-- inputs: found_<file>
-- outputs: returned rows (rule, column, count of records, first 20 lines)
-- parameters: file
select
    rule,
    max("column") as "column",
    count(distinct _line) as record_count,
    list_sort(list(distinct _line))[:20] as first_lines
from {{ ('found_' ~ file.name) | quote }}
group by rule
order by rule

-- purpose: everything found, by rule
-- grain: file x rule
-- inputs: found
-- outputs: returned rows (file, rule, column, count of records, first 20 lines)
-- parameters: none
select
    file,
    rule,
    max("column") as "column",
    count(*) as record_count,
    min(_line, 20) as first_lines
from (
    select file, rule, _line, max("column") as "column"
    from found
    group by file, rule, _line
) as records
group by file, rule
order by file, rule

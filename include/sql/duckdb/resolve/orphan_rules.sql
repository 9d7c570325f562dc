-- purpose: which references an optional file of orphans only breaks
-- grain: rule
-- inputs: excluded
-- outputs: returned rows (rule, count of records, first 20 lines)
-- parameters: file
select rule, count(distinct _line) as record_count, list_sort(list(distinct _line))[:20] as first_lines
from excluded
where file = {{ file.name | literal }} and reason = 'orphan'
group by rule
order by rule

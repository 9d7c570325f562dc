-- purpose: which references an optional file of orphans only breaks
-- grain: rule
-- inputs: excluded_<file>
-- outputs: returned rows (rule, count of records, first 20 lines)
-- parameters: file
select rule, count(distinct _line) as record_count, list_sort(list(distinct _line))[:20] as first_lines
from {{ ('excluded_' ~ file.name) | quote }}
where reason = 'orphan'
group by rule
order by rule

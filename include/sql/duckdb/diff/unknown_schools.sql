-- purpose: the school_ids of one file that no school has, most frequent first
-- grain: school_id
-- inputs: found, rows_<file>
-- outputs: returned rows (school_id cut to 40 characters, count of records), at most 10
-- parameters: $rule, file
select left(r.school_id, 40) as sent, count(*) as record_count
from {{ ('rows_' ~ file.name) | quote }} as r
semi join (
    select _line from found where file = {{ file.name | literal }} and rule = $rule
) as f on r._line = f._line
group by sent
order by record_count desc, sent
limit 10

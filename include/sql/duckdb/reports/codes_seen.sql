-- purpose: the attendance codes of a file in either layout, most frequent first (no code is about a person)
-- grain: code
-- inputs: sent (the cleaned records of attendance.csv)
-- outputs: returned rows (code cut to 40 characters)
-- parameters: none
select left(code, 40) as code
from (
    select code from sent
    union all
    select unnest(map_values(from_json(codes, '"MAP(VARCHAR, VARCHAR)"'))) from sent
)
where code is not null
group by all
order by count(*) desc, 1
limit 50

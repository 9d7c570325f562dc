-- purpose: codes that are not in the district's list, or are a listed one but for case
-- grain: code
-- inputs: lines_attendance
-- outputs: returned rows (code cut to 40 characters, count of events, lines)
-- parameters: $codes (the list), $near (codes of which one in another case is looked for), $only_near
select left(code, 40) as sent, count(*) as event_count, list(distinct _line order by _line) as found_lines
from lines_attendance
where
    code is not null
    and not list_contains($codes::varchar[], code)
    and list_contains(list_transform($near::varchar[], lambda n: lower(n)), lower(code)) = $only_near
group by sent
order by event_count desc, sent

-- purpose: codes that are not in the district's list
-- grain: code
-- inputs: lines_attendance
-- outputs: unlisted_codes (code, event_count, is_near: but for case, it is one of $near)
-- parameters: $codes (the list), $near (codes of which one in another case is looked for)
create or replace table unlisted_codes as
select
    code,
    count(*) as event_count,
    list_contains(list_transform($near::varchar[], lambda n: lower(n)), lower(code)) as is_near
from lines_attendance
where code is not null and not list_contains($codes::varchar[], code)
group by code

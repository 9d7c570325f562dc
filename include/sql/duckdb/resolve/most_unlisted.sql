-- purpose: the most frequent of the codes that are not in the district's list
-- grain: code
-- inputs: unlisted_codes
-- outputs: returned rows (code cut to 40 characters, count of events, how many such codes there are)
-- parameters: is_near (those that are in the list but for case, or the others), most (at most so many rows)
select left(code, 40) as sent, sum(event_count)::bigint as event_count, count(*) over () as code_count
from unlisted_codes
where is_near = {{ is_near }}
group by sent
order by event_count desc, sent
limit {{ most }}

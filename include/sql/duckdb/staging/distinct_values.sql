-- purpose: what a column says, to look it up once instead of once a row
-- grain: one row per trimmed cell, the most frequent first; a column that is no list of names ends at 5,000
-- inputs: staging_raw
-- outputs: sent
-- parameters: Jinja column (raw column), white_space (what is trimmed)
select trim(cell, {{ white_space | literal }}) as sent
from (select {{ column }} as cell, count(*) as times from staging_raw group by cell)
where cell is not null
group by sent
order by sum(times) desc, sent
limit 5000

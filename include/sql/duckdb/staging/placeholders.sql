-- purpose: count the cells of a wide layout that say NULL or #N/A for a blank
-- grain: one row
-- inputs: staging_raw
-- outputs: returned row (count)
-- parameters: Jinja sources (raw columns), white_space (what is trimmed)
select count(*)
from (select trim(unnest([{{ sources | join(", ") }}]), {{ white_space | literal }}) as sent from staging_raw)
where sent in ('NULL', '#N/A', '#REF!', '#VALUE!')

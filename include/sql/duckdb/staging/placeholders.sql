-- purpose: count the cells of a wide layout that say for a blank what stands for one
-- grain: one row
-- inputs: staging_raw
-- outputs: returned row (count)
-- parameters: Jinja sources (raw columns), white_space (what is trimmed),
--   placeholders (what is sent for a blank)
select count(*)
from (select trim(unnest([{{ sources | join(", ") }}]), {{ white_space | literal }}) as sent from staging_raw)
where sent in ({{ placeholders | map('literal') | join(', ') }})

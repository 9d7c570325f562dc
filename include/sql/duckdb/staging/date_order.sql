-- purpose: tell a file of dd/mm dates from one of mm/dd dates
-- grain: one row
-- inputs: staging_raw
-- outputs: day_first, month_first: dates that can be read in that order only
-- parameters: Jinja dates (raw columns), white_space (characters to trim)
with parts as (
    select
        cast(split_part(sent, '/', 1) as integer) as first_part,
        cast(split_part(sent, '/', 2) as integer) as second_part
    from (
        select trim(unnest([{{ dates | join(", ") }}]), {{ white_space | literal }}) as sent
        from staging_raw
    )
    where regexp_full_match(sent, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}')
)

select
    count(*) filter (first_part between 13 and 31 and second_part between 1 and 12) as day_first,
    count(*) filter (second_part between 13 and 31 and first_part between 1 and 12) as month_first
from parts

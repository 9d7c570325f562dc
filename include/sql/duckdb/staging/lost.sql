-- purpose: find the records that hold the replacement character, whose letters somebody before us has lost
-- grain: one row
-- inputs: staging_raw
-- outputs: count, lines (the first three)
-- parameters: Jinja line (SQL of a row's physical line), lost (the character)
select
    count(*) as records,
    list_slice(list_sort(list(line)), 1, 3) as lines
from (
    select {{ line }} as line
    from staging_raw
    where contains(cast(staging_raw as varchar), {{ lost | literal }})
)

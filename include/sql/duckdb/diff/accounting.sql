-- purpose: count the records that stay out
-- grain: file
-- inputs: excluded
-- outputs: returned rows (file, quarantined, duplicates, unreachable: in quarantine only because they name no way to
--   reach the person, or refer to what a file that did not come may have)
-- parameters: none
select
    file,
    count(*) filter (where is_quarantined) as quarantined,
    count(*) filter (where not is_quarantined) as duplicates,
    count(*) filter (where is_unreachable) as unreachable
from (
    select
        file,
        _line,
        bool_or(kind = 'quarantined') as is_quarantined,
        bool_and(reason in ('unreachable', 'unresolved')) filter (where kind = 'quarantined') as is_unreachable
    from excluded
    group by file, _line
) as records
group by file

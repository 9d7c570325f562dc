-- purpose: count an optional file's records, and those that refer to something unknown
-- grain: one row
-- inputs: rows_<file>, rejects_<file>, excluded_<file>
-- outputs: returned row (records, orphans)
-- parameters: file
select
    (select count(*) from {{ ('rows_' ~ file.name) | quote }})
    + (select count(*) from {{ ('rejects_' ~ file.name) | quote }}) as records,
    (
        select count(distinct _line) from {{ ('excluded_' ~ file.name) | quote }}
        where reason = 'orphan'
    ) as orphans

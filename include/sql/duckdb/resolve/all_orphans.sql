-- purpose: count an optional file's usable records, and those of them that refer to something unknown
-- grain: one row
-- inputs: lines_<file>, excluded
-- outputs: returned row (records, orphans)
-- parameters: file
select
    -- duplicates and records in quarantine for another reason say nothing about whose file this is
    (select count(*) from {{ ('lines_' ~ file.name) | quote }}) as records,
    (
        select count(distinct _line) from excluded
        where file = {{ file.name | literal }} and reason = 'orphan'
    ) as orphans

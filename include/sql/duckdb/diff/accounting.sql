-- purpose: count what became of one file's records
-- grain: one row
-- inputs: excluded_<file>, lines_<file>, rows_<file>
-- outputs: returned row (quarantined, duplicates, standing: accepted or left out by the district's map)
-- parameters: file
with lines as (
    select _line, bool_or(kind = 'quarantined') as quarantined
    from {{ ('excluded_' ~ file.name) | quote }}
    group by _line
)
select
    (select count(*) from lines where quarantined) as quarantined,
    (select count(*) from lines where not quarantined) as duplicates,
    (select count(distinct _line) from {{ ('lines_' ~ file.name) | quote }})
    + (select count(*) from {{ ('rows_' ~ file.name) | quote }} where ok and left_out) as standing

-- purpose: the periods that a file of events has of one day, in its rows or, by column, in its header
-- grain: school x period
-- inputs: rows_<file>
-- outputs: returned rows (school_id, period, count of rows, also of blank ones)
-- parameters: file, wide (its second layout), $day (null: the newest date of the file)
select school_id, {{ wide.replaces[0] | quote }} as period, count(*) as row_count
from {{ ('rows_' ~ file.name) | quote }}
where
    readable
    and "date" = coalesce(
        $day::date, (select max("date") from {{ ('rows_' ~ file.name) | quote }} where readable)
    )
group by all
order by all

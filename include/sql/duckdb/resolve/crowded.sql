-- purpose: keys that several records have
-- grain: key
-- inputs: rows_<file>
-- outputs: crowded_<file> (key columns)
-- parameters: file, key
create or replace table {{ ('crowded_' ~ file.name) | quote }} as
select {{ key | columns }}
from {{ ('rows_' ~ file.name) | quote }}
where readable and not left_out
group by {{ key | columns }}
having count(*) > 1

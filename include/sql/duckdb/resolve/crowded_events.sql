-- purpose: keys that several events have, and whether these say different things
-- grain: key
-- inputs: rows_<file>
-- outputs: crowded_<file> (key columns, conflicting)
-- parameters: file, key, value (the column in which events of one key may not differ)
create or replace table {{ ('crowded_' ~ file.name) | quote }} as
select {{ key | columns }}, min({{ value | quote }}) <> max({{ value | quote }}) as conflicting
from {{ ('rows_' ~ file.name) | quote }}
where readable and {{ value | quote }} is not null
group by {{ key | columns }}
having count(*) > 1

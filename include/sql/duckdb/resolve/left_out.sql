-- purpose: remember which records the district's map leaves out
-- grain: _line
-- inputs: rows_<file>
-- outputs: rows into left_out
-- parameters: file
insert into left_out
select {{ file.name | literal }}, _line
from {{ ('rows_' ~ file.name) | quote }}
where left_out

-- purpose: the records still standing before ids and references are compared with the state
-- grain: _line
-- inputs: rows_<file>, excluded_<file>
-- outputs: lines_<file>
-- parameters: file
create or replace table {{ ('lines_' ~ file.name) | quote }} as
select r.* exclude (ok, readable, only_unreachable, left_out, bad_columns)
from {{ ('rows_' ~ file.name) | quote }} as r
anti join {{ ('excluded_' ~ file.name) | quote }} as x on r._line = x._line
where r.ok and not r.left_out

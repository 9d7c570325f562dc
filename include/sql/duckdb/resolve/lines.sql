-- purpose: the records that stand, as far as they have been looked at
-- grain: _line
-- inputs: rows_<file>, excluded
-- outputs: lines_<file>
-- parameters: file, kept_out (some of its records are excluded: a table then, else a view)
create or replace {{ 'table' if kept_out else 'view' }} {{ ('lines_' ~ file.name) | quote }} as
select r.* exclude (ok, readable, only_unreachable, left_out, bad_columns)
from {{ ('rows_' ~ file.name) | quote }} as r
{% if kept_out %}
anti join (select _line from excluded where file = {{ file.name | literal }}) as x on r._line = x._line
{% endif %}
where r.ok and not r.left_out

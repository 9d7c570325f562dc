-- purpose: a file's records without the last one, which may be cut
-- grain: _line
-- inputs: whole_<file>
-- outputs: clean_<file>
-- parameters: file, line (of the last record)
create or replace view {{ ('clean_' ~ file.name) | quote }} as
select *
from {{ ('whole_' ~ file.name) | quote }}
where _line <> {{ line }}

-- purpose: an entity that has one row per record of its file
-- grain: key
-- inputs: lines_<file>
-- outputs: accepted_<entity> (_line, contract columns)
-- parameters: file, entity
create or replace view {{ ('accepted_' ~ entity.name) | quote }} as
select _line, {{ entity.columns | columns }}
from {{ ('lines_' ~ file.name) | quote }}

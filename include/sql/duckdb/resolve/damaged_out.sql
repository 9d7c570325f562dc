-- purpose: keep out the records whose id seems damaged
-- grain: _line
-- inputs: damaged_<entity>
-- outputs: rows into excluded
-- parameters: file, entity, rule
insert into excluded
select distinct {{ file.name | literal }}, _line, 'quarantined', {{ rule | literal }}, 'id_damaged'
from {{ ('damaged_' ~ entity.name) | quote }}
where _line not in (select _line from excluded where file = {{ file.name | literal }})

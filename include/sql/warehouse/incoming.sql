-- purpose: a place for one slice on its way in
-- grain: key
-- inputs: roster_log.<entity> (its columns)
-- outputs: temporary table incoming_<entity>
-- parameters: entity
create temporary table {{ ('incoming_' ~ entity.name) | quote }} on commit drop as
select op, {{ entity.columns | columns }}, _line
from roster_log.{{ entity.name | quote }}
with no data

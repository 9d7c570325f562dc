-- purpose: a place for one slice on its way in
-- grain: key
-- inputs: <log> (its columns)
-- outputs: temporary table incoming_<entity>
-- parameters: entity
create temporary table {{ ('incoming_' ~ entity.name) | quote }} on commit drop as
select op, {{ entity.columns | columns }}, _line
from {{ entity.log_table }}
with no data

-- purpose: keys whose current row may move because slices are rewritten
-- grain: key
-- inputs: <log> (its columns)
-- outputs: temporary table touched_<entity>, empty when a transaction begins
-- parameters: entity
create temporary table if not exists {{ ('touched_' ~ entity.name) | quote }} on commit delete rows as
select {{ entity.key | columns }}
from {{ entity.log_table }}
with no data

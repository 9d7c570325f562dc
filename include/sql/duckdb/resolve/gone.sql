-- purpose: stored keys that no readable record of tonight's file has
-- grain: key
-- inputs: prev_<entity>, rows_<file>
-- outputs: gone_<entity> (contract columns)
-- parameters: file, entity
create or replace table {{ ('gone_' ~ entity.name) | quote }} as
select p.*
from {{ ('prev_' ~ entity.name) | quote }} as p
anti join (
    select {{ entity.key | columns }} from {{ ('rows_' ~ file.name) | quote }} where readable
) as r on {{ entity.key | pairs('p', 'r') }}

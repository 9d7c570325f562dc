-- purpose: nothing of the state before has to stay without being in tonight's file
-- grain: key
-- inputs: prev_<entity>
-- outputs: carried_<entity> (contract columns, _reason), empty
-- parameters: entity
create or replace table {{ ('carried_' ~ entity.name) | quote }} as
select *, null::varchar as _reason from {{ ('prev_' ~ entity.name) | quote }} where false

-- purpose: carry a whole entity whose file brings nothing tonight (missing, stale, empty, rejected)
-- grain: key
-- inputs: prev_<entity>
-- outputs: carried_<entity> (contract columns, _reason), accepted_<entity> (empty)
-- parameters: entity, reason
create or replace table {{ ('carried_' ~ entity.name) | quote }} as
select *, {{ reason | literal }} as _reason from {{ ('prev_' ~ entity.name) | quote }}

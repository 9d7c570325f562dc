-- purpose: remember the keys of a slice
-- grain: key
-- inputs: <log>
-- outputs: touched_<entity>
-- parameters: entity, %(district)s, %(slot)s
insert into {{ ('touched_' ~ entity.name) | quote }}
select {{ entity.key | columns }}
from {{ entity.log_view }}
where district_id = %(district)s and slot = %(slot)s::{{ entity.slot_type }}

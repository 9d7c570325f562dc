-- purpose: take a slot's slice out of the change log and remember its keys
-- grain: key
-- inputs: <log>
-- outputs: <log> without the slice, touched_<entity>
-- parameters: entity, %(district)s, %(slot)s
with removed as (
    delete from {{ entity.log_table }}
    where district_id = %(district)s and slot = %(slot)s::{{ entity.slot_type }}
    returning {{ entity.key | columns }}
)
insert into {{ ('touched_' ~ entity.name) | quote }} select * from removed

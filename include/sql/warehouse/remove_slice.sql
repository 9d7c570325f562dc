-- purpose: take a slot's slice out of the change log and remember its keys
-- grain: key
-- inputs: roster_log.<entity>
-- outputs: roster_log.<entity> without the slice, touched_<entity>
-- parameters: entity, %(district)s, %(slot)s
with removed as (
    delete from roster_log.{{ entity.name | quote }}
    where district_id = %(district)s and slot = %(slot)s::date
    returning {{ entity.key | columns }}
)
insert into {{ ('touched_' ~ entity.name) | quote }} select * from removed

-- purpose: remember the keys of a new slice
-- grain: key
-- inputs: incoming_<entity>
-- outputs: touched_<entity>
-- parameters: entity
insert into {{ ('touched_' ~ entity.name) | quote }}
select {{ entity.key | columns }} from {{ ('incoming_' ~ entity.name) | quote }}

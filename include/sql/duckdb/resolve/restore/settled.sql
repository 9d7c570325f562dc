-- purpose: what a restore speaks of waits for nobody
-- grain: key
-- inputs: held_<entity>, target_<entity>, absent_held_<entity>
-- outputs: held_<entity> without it
-- parameters: entity
delete from {{ ('held_' ~ entity.name) | quote }} as h
where
    exists (
        select 1 from {{ ('target_' ~ entity.name) | quote }} as t where {{ entity.key | pairs('t', 'h') }}
    )
    or exists (
        select 1
        from {{ ('absent_held_' ~ entity.name) | quote }} as a
        where {{ entity.key | pairs('a', 'h') }}
    )

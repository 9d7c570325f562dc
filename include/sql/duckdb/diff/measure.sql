-- purpose: by school, the rows a diff leaves to judge and what it adds, changes and removes
-- grain: school_id
-- inputs: prev_<entity>, carried_<entity>, changes_<entity>
-- outputs: returned rows (school_id or null, rows before without the carried ones, added, changed in core cells,
--   removed, carried)
-- parameters: entity
-- Only the change set is looked into; of the state before, schools are counted.
with counted as (
    select {{ entity.scope | quote }} as school, count(*) as known, 0 as added, 0 as changed, 0 as removed, 0 as carried
    from {{ ('prev_' ~ entity.name) | quote }}
    group by school
    union all
    -- carried rows are rows of the state before
    select {{ entity.scope | quote }} as school, -count(*), 0, 0, 0, count(*)
    from {{ ('carried_' ~ entity.name) | quote }}
    group by school
    union all
    select
        _school as school,
        0,
        count(*) filter (where op = 'I'),
        count(*) filter (where op = 'U' and _core),
        count(*) filter (where op = 'D'),
        0
    from {{ ('changes_' ~ entity.name) | quote }}
    group by school
)
select
    school,
    sum(known)::bigint as known,
    sum(added)::bigint as added,
    sum(changed)::bigint as changed,
    sum(removed)::bigint as removed,
    sum(carried)::bigint as carried
from counted
group by school
order by school

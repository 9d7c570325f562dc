-- purpose: by school, the rows a diff leaves to judge and what it adds, changes and removes
-- grain: entity x school_id
-- inputs: prev_<entity>, carried_<entity>, changes_<entity> of each
-- outputs: returned rows (entity, school_id or null, rows before without the carried ones, added, changed in core
--   cells, removed, carried)
-- parameters: entities, carried, changed (names of those of which a row is carried, is changed)
-- Only the change set is looked into; of the state before, schools are counted.
with counted as (
    {% for entity in entities %}
    {{ 'union all' if not loop.first }}
    select
        {{ entity.name | literal }} as entity,
        {{ entity.scope | quote }} as school,
        count(*) as known,
        0 as added,
        0 as changed,
        0 as removed,
        0 as carried
    from {{ ('prev_' ~ entity.name) | quote }}
    group by school
    {% if entity.name in carried %}
    union all
    -- carried rows are rows of the state before
    select {{ entity.name | literal }}, {{ entity.scope | quote }} as school, -count(*), 0, 0, 0, count(*)
    from {{ ('carried_' ~ entity.name) | quote }}
    group by school
    {% endif %}
    {% if entity.name in changed %}
    union all
    select
        {{ entity.name | literal }},
        _school as school,
        0,
        count(*) filter (where op = 'I'),
        count(*) filter (where op = 'U' and _core),
        count(*) filter (where op = 'D'),
        0
    from {{ ('changes_' ~ entity.name) | quote }}
    group by school
    {% endif %}
    {% endfor %}
)

select
    entity,
    school,
    sum(known)::bigint as known,
    sum(added)::bigint as added,
    sum(changed)::bigint as changed,
    sum(removed)::bigint as removed,
    sum(carried)::bigint as carried
from counted
group by entity, school
order by entity, school

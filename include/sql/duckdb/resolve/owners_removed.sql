-- purpose: schools of the rows that go and that removed rows of an entity refer to
-- grain: school_id
-- inputs: prev_<entity>, state_<entity>, prev_<owner>, state_<owner>
-- outputs: returned rows (school_id)
-- parameters: entity, reference, owner (the entity it refers to), $schools (of the entity's rows), $everywhere
--   (at whatever school)
select distinct o.{{ owner.scope | quote }} as school
from {{ ('prev_' ~ owner.name) | quote }} as o
semi join (
    select {{ reference.columns | columns('p') }}
    from {{ ('prev_' ~ entity.name) | quote }} as p
    anti join {{ ('state_' ~ entity.name) | quote }} as s on {{ entity.key | pairs('p', 's') }}
    where $everywhere or list_contains($schools::varchar[], p.{{ entity.scope | quote }})
) as r on
    {% for c in reference.columns %}
    {{ 'and' if not loop.first }} r.{{ c | quote }} = o.{{ reference.to[loop.index0] | quote }}
    {% endfor %}
anti join {{ ('state_' ~ owner.name) | quote }} as t on {{ owner.key | pairs('o', 't') }}
order by school

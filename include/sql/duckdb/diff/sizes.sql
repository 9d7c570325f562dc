-- purpose: how many rows each entity's state has, and how many of them are carried, and why
-- grain: entity x reason (null: the whole state)
-- inputs: state_<entity>, carried_<entity> of each
-- outputs: returned rows (entity, reason or null, rows), reasons in order
-- parameters: entities, carried (names of those some row of which is)
select entity, reason, row_count
from (
    {% for entity in entities %}
    {{ 'union all' if not loop.first }}
    select {{ entity.name | literal }} as entity, null::varchar as reason, count(*) as row_count
    from {{ ('state_' ~ entity.name) | quote }}
    {% if entity.name in carried %}
    union all
    select {{ entity.name | literal }}, _reason, count(*) from {{ ('carried_' ~ entity.name) | quote }} group by _reason
    {% endif %}
    {% endfor %}
) as sizes
order by entity, reason

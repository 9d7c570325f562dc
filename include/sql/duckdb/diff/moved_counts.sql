-- purpose: how many rows are added and removed, whether or not a limit counts them
-- grain: entity x kind x school
-- inputs: moved_<entity> of each
-- outputs: returned rows (entity, kind, school or '', rows)
-- parameters: entities
{% for entity in entities %}
{{ 'union all' if not loop.first }}
select
    {{ entity.name | literal }} as entity,
    case op when 'D' then 'removed' else 'added' end as kind,
    coalesce(_scope, '') as scope,
    count(*) as row_count
from {{ ('moved_' ~ entity.name) | quote }}
group by all
{% endfor %}

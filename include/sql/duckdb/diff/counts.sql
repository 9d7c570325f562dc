-- purpose: count change sets and sum the hashes that move the states' fingerprints
-- grain: entity; of one whose state is kept day by day, entity x day that changes
-- inputs: changes_<entity> of each
-- outputs: returned rows (entity, day or null, added, changed, removed, sums of the lower and upper hash halves after
--   minus before)
-- parameters: entities
{% for entity in entities %}
{{ 'union all' if not loop.first }}
select
    {{ entity.name | literal }} as entity,
    {% if entity.day %}{{ entity.day | quote }}::varchar{% else %}null::varchar{% endif %} as day,
    count(*) filter (where op = 'I') as added,
    count(*) filter (where op = 'U') as changed,
    count(*) filter (where op = 'D') as removed,
    coalesce(sum(_s_lower::hugeint), 0) - coalesce(sum(_p_lower::hugeint), 0) as lower,
    coalesce(sum(_s_upper::hugeint), 0) - coalesce(sum(_p_upper::hugeint), 0) as upper
from {{ ('changes_' ~ entity.name) | quote }}
{% if entity.day %}
group by day
{% endif %}
{% endfor %}

-- purpose: count a change set and sum the hashes that move the state's fingerprint
-- grain: one row; of an entity whose state is kept day by day, one per day that changes
-- inputs: changes_<entity>
-- outputs: returned rows (day or null, added, changed, removed, sums of the lower and upper hash halves after minus before)
-- parameters: entity
select
    {% if entity.day %}{{ entity.day | quote }}::varchar{% else %}null{% endif %} as day,
    count(*) filter (where op = 'I') as added,
    count(*) filter (where op = 'U') as changed,
    count(*) filter (where op = 'D') as removed,
    coalesce(sum(_s_lower::hugeint), 0) - coalesce(sum(_p_lower::hugeint), 0) as lower,
    coalesce(sum(_s_upper::hugeint), 0) - coalesce(sum(_p_upper::hugeint), 0) as upper
from {{ ('changes_' ~ entity.name) | quote }}
{% if entity.day %}
group by day
{% endif %}

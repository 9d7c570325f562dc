-- purpose: the fingerprint of a whole state, from its rows (the diff keeps it up to date from the changes alone)
-- grain: one row; of an entity whose state is kept day by day, one per day
-- inputs: <relation> (contract columns)
-- outputs: returned rows (day or null, sum of the lower hash halves, of the upper ones)
-- parameters: entity, relation
-- NUL cannot be in a cell (such a file is rejected), so it parts cells and marks NULL without doubt.
select
    {% if entity.day %}{{ entity.day | quote }}::varchar{% else %}null{% endif %} as day,
    {% for half in ('lower', 'upper') %}
    coalesce(sum(md5_number_{{ half }}(concat_ws(chr(0)
        {% for c in entity.columns %}, coalesce({{ c.name | quote }}::varchar, chr(0) || 'n'){% endfor %}))::hugeint), 0) as sum_{{ half }}{{ ',' if loop.first else '' }}
    {% endfor %}
from {{ relation | quote }}
{% if entity.day %}
group by day
{% endif %}

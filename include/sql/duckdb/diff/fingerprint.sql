-- purpose: the fingerprint of a whole state, from its rows (the diff keeps it up to date from the changes alone)
-- grain: one row; of an entity whose state is kept day by day, one per day
-- inputs: <relation> (contract columns)
-- outputs: returned rows (day or null, sum of the lower hash halves, of the upper ones)
-- parameters: entity, relation
{% from 'duckdb/diff/row_text.sql' import row_text %}
select
    {% if entity.day %}{{ entity.day | quote }}::varchar{% else %}null{% endif %} as day,
    {% for half in ('lower', 'upper') %}
    coalesce(sum(md5_number_{{ half }}({{ row_text(entity, 'r') }})::hugeint), 0)
        as sum_{{ half }}{{ ',' if loop.first else '' }}
    {% endfor %}
from {{ relation | quote }} as r
{% if entity.day %}
group by day
{% endif %}

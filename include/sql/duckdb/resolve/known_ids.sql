-- purpose: the ids that are known of an entity: of the state before, or accepted tonight
-- grain: distinct ids
-- inputs: <relations>
-- outputs: known_ids_<entity>_<columns> (the columns, near_1 ...: each loosely)
-- parameters: table, relations, of (the id's columns)
{% from 'duckdb/resolve/loosely.sql' import loosely %}
create or replace table {{ table | quote }} as
select distinct
    {{ of | columns }},
    {% for c in of %}
    {{ loosely(c | quote) }} as near_{{ loop.index }}{{ ',' if not loop.last }}
    {% endfor %}
from (
    {% for relation in relations %}
    {{ 'union all' if not loop.first }}
    select {{ of | columns }} from {{ relation | quote }}
    {% endfor %}
) as known

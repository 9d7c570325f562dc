-- purpose: archived files together, as they would be written today
-- grain: row of a file
-- inputs: the files
-- outputs: returned rows (the columns: NULL where a file was written before the column was; a key that is made as it
--   is made today)
-- parameters: paths (of the files on this machine), columns (name and type), stored (names that files have),
--   made (how a key column is made, or none)
{% from 'duckdb/resolve/made_key.sql' import made_key %}
select
    {% for name, type in columns %}
    {% if made and name == made.column %}
    {% if name in stored %}
    -- of a row that is removed the key alone is written
    coalesce({{ made_key(made, made.recipe) }}, {{ name | quote }}) as {{ name | quote }}{{ ',' if not loop.last }}
    {% else %}
    {{ made_key(made, made.recipe) }} as {{ name | quote }}{{ ',' if not loop.last }}
    {% endif %}
    {% elif name in stored %}
    {{ name | quote }}{{ ',' if not loop.last }}
    {% else %}
    null::{{ type }} as {{ name | quote }}{{ ',' if not loop.last }}
    {% endif %}
    {% endfor %}
from read_parquet([{{ paths | map('literal') | join(', ') }}], union_by_name = {{ (paths | length > 1) | lower }})

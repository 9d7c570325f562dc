-- purpose: a current table as read back from the warehouse, typed as states are
-- grain: key
-- inputs: the CSV file that warehouse/read_current.sql sent
-- outputs: state_<entity> (_line: null; contract columns)
-- parameters: entity, path
create or replace table {{ ('state_' ~ entity.name) | quote }} as
select
    null::bigint as _line,
    {% for c in entity.columns %}
    {{ c.name | quote }}::{{ c.duckdb_type }} as {{ c.name | quote }}{{ ',' if not loop.last }}
    {% endfor %}
from read_csv(
    {{ path | literal }},
    columns = { {%- for c in entity.columns -%}
        '{{ c.name }}': 'VARCHAR'{{ ", " if not loop.last }}
    {%- endfor -%} },
    auto_detect = false,
    header = false,
    delim = ',',
    quote = '"',
    escape = '"',
    nullstr = '',
    allow_quoted_nulls = false,
    new_line = '\n',
    max_line_size = 16000000,
    parallel = false
)

-- purpose: the events of one file of events, one row each in either layout, typed, and whether their key can be read
-- grain: _line x period; in the wide layout a row per column, also for blank cells (they say "no event")
-- inputs: clean_<file>, errors
-- outputs: rows_<file> (_line, contract columns typed, ok, readable, only_unreachable, left_out, bad_columns)
-- parameters: file, has_errors (validation found some in this file)
create or replace table {{ ('rows_' ~ file.name) | quote }} as
with sent as (
    select
        s.*,
        {% if has_errors %}
        e._line is null as ok,
        coalesce(e.columns, []) as bad_columns
        {% else %}
        true as ok,
        []::varchar[] as bad_columns
        {% endif %}
    from {{ ('clean_' ~ file.name) | quote }} as s
    {% if has_errors %}
    left join errors as e on s._line = e._line and e.file = {{ file.name | literal }}
    {% endif %}
),

events as (
    select * exclude ({{ file.wide.column | quote }}) from sent where {{ file.wide.column | quote }} is null
    union all by name
    select * exclude ({{ file.wide.column | quote }}, cell) replace (
        cell.key as {{ file.wide.replaces[0] | quote }},
        cell.value as {{ file.wide.replaces[1] | quote }}
    )
    from (
        select *, unnest(map_entries(from_json({{ file.wide.column | quote }}, '"MAP(VARCHAR, VARCHAR)"'))) as cell
        from sent
        where {{ file.wide.column | quote }} is not null
    )
)

select
    _line,
    {% for c in file.columns %}
    {% if c.duckdb_type == 'VARCHAR' %}
    {{ c.name | quote }},
    {% else %}
    try_cast({{ c.name | quote }} as {{ c.duckdb_type }}) as {{ c.name | quote }},
    {% endif %}
    {% endfor %}
    ok,
    school_id is not null and student_id is not null and try_cast("date" as date) is not null
    and {{ file.wide.replaces[0] | quote }} is not null
    and not list_has_any(bad_columns, ['school_id', 'student_id', 'date', {{ file.wide.replaces[0] | literal }}])
        as readable,
    false as only_unreachable,
    false as left_out,
    bad_columns
from events

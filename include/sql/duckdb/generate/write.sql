-- purpose: write one file of a synthetic upload, streamed, in the district's own form
-- grain: as the file's query
-- inputs: generate/<file>.sql
-- outputs: a CSV file; the statement returns the number of its rows
-- parameters: Jinja file, columns: [(contract column, the district's header)], delimiter, path, and those of
--   generate/<file>.sql
copy (
    select
        {% for column, header in columns %}
        {{ column | quote }} as {{ header | quote }},
        {% endfor %}
    from (
{% include "duckdb/generate/" ~ file ~ ".sql" %}
    ) as records
) to {{ path | literal }} (format csv, header, delimiter {{ delimiter | literal }})

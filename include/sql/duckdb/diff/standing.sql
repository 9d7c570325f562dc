-- purpose: count the records that stand: accepted, or left out by the district's map
-- grain: file
-- inputs: lines_<file>, rows_<file> of each
-- outputs: returned rows (file, records)
-- parameters: files
{% for file in files %}
{{ 'union all' if not loop.first }}
select
    {{ file.name | literal }} as file,
    -- of a wide layout a record is several rows
    (select count({{ 'distinct _line' if file.wide else '*' }}) from {{ ('lines_' ~ file.name) | quote }})
    {% if file.columns | selectattr('name', 'equalto', 'status') | list %}
    + (select count(*) from {{ ('rows_' ~ file.name) | quote }} where ok and left_out)
    {% endif %}
        as record_count
{% endfor %}

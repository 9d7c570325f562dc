-- purpose: count the records that stand: accepted, or left out by the district's map or with what they refer to
-- grain: file
-- inputs: lines_<file>, rows_<file> of each
-- outputs: returned rows (file, records)
-- parameters: files, leaving_out (names of those of which records may be left out)
{% for file in files %}
{{ 'union all' if not loop.first }}
select
    {{ file.name | literal }} as file,
    -- of a wide layout a record is several rows
    (select count({{ 'distinct _line' if file.wide else '*' }}) from {{ ('lines_' ~ file.name) | quote }})
    {% if file.name in leaving_out %}
    + (select count(*) from {{ ('rows_' ~ file.name) | quote }} where ok and left_out)
    {% endif %}
        as record_count
{% endfor %}

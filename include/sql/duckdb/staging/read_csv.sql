-- purpose: read a CSV that leaves nothing to guess, strictly: a record that does not fit fails the statement
-- grain: one row per record; rowid is the record's place in the file
-- inputs: the CSV file (UTF-8)
-- outputs: the table
-- parameters: Jinja table, path, fields (name -> type, in the file's order), delimiter, header (is there one),
--             new_line (how records end; values may hold others), max_line_size (bytes)
create or replace table {{ table }} as
select * from read_csv(
    {{ path | literal }},
    columns = { {%- for name, type in fields.items() -%}
        '{{ name }}': '{{ type }}'{{ ", " if not loop.last }}
    {%- endfor -%} },
    auto_detect = false,
    header = {{ header | lower }},
    delim = {{ delimiter | literal }},
    quote = '"',
    escape = '"',
    new_line = '{{ new_line }}',
    max_line_size = {{ max_line_size }},
    strict_mode = true
)

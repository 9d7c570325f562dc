-- purpose: the records with a code in column p0
-- grain: _line
-- inputs: clean_<file>
-- outputs: returned rows (_line)
-- parameters: file, all_day (the period that p0 is until the district says otherwise)
select _line
from {{ ('clean_' ~ file.name) | quote }}
where json_extract_string({{ file.wide.column | quote }}, {{ ('$.' ~ all_day) | literal }}) is not null

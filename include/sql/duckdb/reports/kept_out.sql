-- purpose: the records in quarantine that are about one key, or may be (ids damaged so that they look like another)
-- grain: _line x rule
-- inputs: quarantine, rows_<file>, damaged_<main> (not of events)
-- outputs: returned rows (_line, rule, reason)
-- parameters: file, main (the file's main entity), shared (key columns the entity has in common with it),
--   $key (the values of shared as text, in order)
with about as (
    select _line from {{ ('rows_' ~ file.name) | quote }}
    where
        {% for k in shared %}
        {{ 'and' if not loop.first else '' }} {{ k | quote }}::varchar = $key[{{ loop.index }}]
        {% endfor %}
    {% if not main.day %}
    union
    select _line from {{ ('damaged_' ~ main.name) | quote }}
    where
        {% for k in shared %}
        {{ 'and' if not loop.first else '' }} {{ k | quote }}::varchar = $key[{{ loop.index }}]
        {% endfor %}
    {% endif %}
)

select distinct q._line, q.rule, q.reason
from quarantine as q
semi join about as a on q._line = a._line
where q.file = {{ file.name | literal }}
order by q._line, q.rule

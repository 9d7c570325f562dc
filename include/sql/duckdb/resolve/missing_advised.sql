-- purpose: records whose advisory reference finds nothing: they stay as they are, and it is told
-- grain: _line
-- inputs: lines_<file>, <known>
-- outputs: returned rows (_line)
-- parameters: file, reference, known (the relation that has its keys)
select distinct n._line
from {{ ('lines_' ~ file.name) | quote }} as n
anti join {{ known | quote }} as s on
    {% for c in reference.columns %}
    {{ 'and' if not loop.first else '' }} n.{{ c | quote }} = s.{{ reference.to[loop.index0] | quote }}
    {% endfor %}
where
    {% for c in reference.columns %}
    {{ 'and' if not loop.first else '' }} n.{{ c | quote }} is not null
    {% endfor %}
order by n._line

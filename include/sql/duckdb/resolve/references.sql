-- purpose: keep out records that refer to a row this slot's state does not have
-- grain: _line
-- inputs: lines_<file>, <known>, held_back_<parent> (keys in quarantine)
-- outputs: rows into excluded_<file>
-- parameters: file, reference, parent (its entity), known (the relation that has its keys)
insert into {{ ('excluded_' ~ file.name) | quote }}
select distinct
    n._line,
    'quarantined',
    {{ reference.rule | literal }},
    case when q.key_1 is not null then 'parent_quarantined' else 'orphan' end
from {{ ('lines_' ~ file.name) | quote }} as n
anti join {{ known | quote }} as s on
    {% for c in reference.columns %}
    {{ 'and' if not loop.first else '' }} n.{{ c | quote }} = s.{{ reference.to[loop.index0] | quote }}
    {% endfor %}
left join (
    select distinct {% for c in reference.to %}{{ c | quote }} as key_{{ loop.index }}{{ ', ' if not loop.last else '' }}{% endfor %}

    from {{ ('held_back_' ~ parent) | quote }}
) as q on
    {% for c in reference.columns %}
    {{ 'and' if not loop.first else '' }} n.{{ c | quote }} = q.key_{{ loop.index }}
    {% endfor %}
{% if reference.optional %}
where {% for c in reference.columns %}{{ 'and ' if not loop.first else '' }}n.{{ c | quote }} is not null {% endfor %}

{% endif %}

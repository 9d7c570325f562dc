-- purpose: keep out records that refer to a row this slot's state does not have
-- grain: _line x rule
-- inputs: lines_<file>, the relation that has the keys of each reference, held_back_<parent> (keys in quarantine)
-- outputs: rows into excluded
-- parameters: file, references (each with the relation that has its keys, whether keys of its parent are in
--   quarantine, and whether its parent's file did not come: then it is held against nobody)
insert into excluded
{% for reference, known, is_held_back, is_absent in references %}
{{ 'union all' if not loop.first }}
select distinct
    {{ file.name | literal }},
    n._line,
    'quarantined',
    {% if is_absent %}
    'file.record.unresolved',
    'unresolved'
    {% elif is_held_back %}
    case when q.key_1 is null then {{ reference.rule | literal }} else 'file.record.parent_quarantined' end,
    case when q.key_1 is null then 'orphan' else 'parent_quarantined' end
    {% else %}
    {{ reference.rule | literal }},
    'orphan'
    {% endif %}
from {{ ('lines_' ~ file.name) | quote }} as n
anti join {{ known | quote }} as s on
    {% for c in reference.columns %}
    {{ 'and' if not loop.first }} n.{{ c | quote }} = s.{{ reference.to[loop.index0] | quote }}
    {% endfor %}
{% if is_held_back %}
left join (
    select distinct
        {% for c in reference.to %}
        {{ c | quote }} as key_{{ loop.index }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ('held_back_' ~ reference.entity) | quote }}
) as q on
    {% for c in reference.columns %}
    {{ 'and' if not loop.first }} n.{{ c | quote }} = q.key_{{ loop.index }}
    {% endfor %}
{% endif %}
{% if reference.optional %}
where {% for c in reference.columns %}{{ 'and ' if not loop.first }}n.{{ c | quote }} is not null {% endfor %}

{% endif %}
{% endfor %}

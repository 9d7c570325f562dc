-- purpose: a held removal whose parent row is really gone goes with it (removed_with_parent)
-- grain: key
-- inputs: held_<entity>, <known>
-- outputs: held_<entity> without them
-- parameters: entity, reference, known (the relation that has the parent's keys)
delete from {{ ('held_' ~ entity.name) | quote }} as h
where
    h.op = 'D'
    {% for k in reference.columns %}
    and h.{{ k | quote }} is not null
    {% endfor %}
    and not exists (
        select 1 from {{ known | quote }} as s
        where
            {% for k in reference.columns %}
            {{ 'and' if not loop.first else '' }} h.{{ k | quote }} = s.{{ reference.to[loop.index0] | quote }}
            {% endfor %}
    )

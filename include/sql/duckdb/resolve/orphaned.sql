-- purpose: carried rows whose parent row is gone go with it (removed_with_parent)
-- grain: key
-- inputs: carried_<entity>, <known>
-- outputs: carried_<entity> without them
-- parameters: entity, reference, known (the relation that has the parent's keys)
delete from {{ ('carried_' ~ entity.name) | quote }} as c
where not exists (
    select 1 from {{ known | quote }} as s
    where
        {% for k in reference.columns %}
        {{ 'and' if not loop.first else '' }} c.{{ k | quote }} = s.{{ reference.to[loop.index0] | quote }}
        {% endfor %}
)
{% if reference.optional %}
{% for k in reference.columns %}
and c.{{ k | quote }} is not null
{% endfor %}
{% endif %}

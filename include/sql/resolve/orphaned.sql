-- purpose: carried rows whose parent row is gone go with it (removed_with_parent)
-- grain: key
-- inputs: carried_<entity>, state_<parent>
-- outputs: carried_<entity> without them
-- parameters: entity, reference
delete from {{ ('carried_' ~ entity.name) | quote }} as c
where not exists (
    select 1 from {{ ('state_' ~ reference.entity) | quote }} as s
    where
        {% for k in reference.columns %}
        {{ 'and' if not loop.first else '' }} c.{{ k | quote }} = s.{{ reference.to[loop.index0] | quote }}
        {% endfor %}
)

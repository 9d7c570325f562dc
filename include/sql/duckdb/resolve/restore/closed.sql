-- purpose: a row that would come back stands only beside its parents
-- grain: key
-- inputs: target_<entity>, the relation of each reference's parents
-- outputs: target_<entity> (stands)
-- parameters: entity, standing (references, each with the relation of the parents that stand)
update {{ ('target_' ~ entity.name) | quote }} as t set stands = false
where
    false
    {% for r, parents in standing %}
    or
    {% for k in r.columns %}
    t.{{ k | quote }} is not null and
    {% endfor %}
    not exists (
        select 1
        from {{ parents | quote }} as p
        where
            {% for k in r.columns %}
            {{ 'and' if not loop.first else '' }} p.{{ r.to[loop.index0] | quote }} = t.{{ k | quote }}
            {% endfor %}
    )
    {% endfor %}

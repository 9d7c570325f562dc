-- purpose: tonight's rows that do not stand: replaced or not there by a restore, or their parent is gone by one
-- grain: key
-- inputs: tonight_<entity>, target_<entity>, absent_tonight_<entity>, the relation of each reference's parents,
--   people_contacts, standing_contacts (of members)
-- outputs: undone_<entity> (contract columns)
-- parameters: entity, standing (references, each with the relation of the parents that stand), members (the
--   entity is told by email or mobile, too)
create or replace table {{ ('undone_' ~ entity.name) | quote }} as
select {{ entity.columns | columns('n') }}
from {{ ('tonight_' ~ entity.name) | quote }} as n
left join {{ ('target_' ~ entity.name) | quote }} as t on {{ entity.key | pairs('n', 't') }}
left join {{ ('absent_tonight_' ~ entity.name) | quote }} as a on {{ entity.key | pairs('n', 'a') }}
where
    a.{{ entity.key[0] | quote }} is not null
    or t.stands and (
        false
        {% for c in entity.values %}
        or n.{{ c.name | quote }} is distinct from t.{{ c.name | quote }}
        {% endfor %}
    )
    {% for r, parents in standing %}
    or
    {% for k in r.columns %}
    n.{{ k | quote }} is not null and
    {% endfor %}
    not exists (
        select 1
        from {{ parents | quote }} as p
        where
            {% for k in r.columns %}
            {{ 'and' if not loop.first else '' }} p.{{ r.to[loop.index0] | quote }} = n.{{ k | quote }}
            {% endfor %}
    )
    {% endfor %}
    {% if members %}
    or (
        n.staff_id is null
        and n.parent_id is null
        and coalesce(lower(n.email), n.mobile) in (select contact from people_contacts)
        and coalesce(lower(n.email), n.mobile) not in (select contact from standing_contacts)
    )
    {% endif %}

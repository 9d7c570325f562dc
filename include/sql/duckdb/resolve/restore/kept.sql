-- purpose: the whole states that restores of one entity go back to
-- grain: key x place
-- inputs: then_<place> of each place
-- outputs: kept_<entity> (contract columns, place)
-- parameters: entity, places (of its restores whose state has rows, in restored_scopes)
create or replace view {{ ('kept_' ~ entity.name) | quote }} as
select {{ entity.columns | columns }}, null::integer as place from {{ ('prev_' ~ entity.name) | quote }} where false
{% for place in places %}
union all
select {{ entity.columns | columns }}, {{ place }} from {{ ('then_' ~ place) | quote }}
{% endfor %}

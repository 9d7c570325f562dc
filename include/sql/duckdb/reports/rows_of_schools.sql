-- purpose: the stored rows of one entity at schools that may be gone: they would be removed
-- grain: key
-- inputs: stored (the entity's state)
-- outputs: returned rows (school, key joined by " / ")
-- parameters: entity, $schools
select
    {{ entity.scope | quote }},
    concat_ws(' / '{% for k in entity.key %}, {{ k | quote }}::varchar{% endfor %}) as row_key
from stored
where {{ entity.scope | quote }} in (select unnest($schools::varchar[]))
order by {{ entity.scope | quote }}, row_key

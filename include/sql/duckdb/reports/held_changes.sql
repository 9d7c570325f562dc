-- purpose: the rows of one entity that wait for a person
-- grain: key
-- inputs: held (held/<entity>.parquet of a diff), rekeyed (rekeyed.parquet, if new ids are proposed for the entity)
-- outputs: returned rows (op, school, key joined by " / ", proposed new key)
-- parameters: entity, is_rekeyed
select
    h.op,
    h._scope,
    concat_ws(' / '{% for k in entity.key %}, h.{{ k | quote }}::varchar{% endfor %}) as row_key,
    {% if is_rekeyed %}r.student_id{% else %}null{% endif %} as new_key
from held as h
{% if is_rekeyed %}
left join rekeyed as r on h.op = 'D' and h.student_id = r.former_student_id
{% endif %}
order by h.op, h._scope, row_key

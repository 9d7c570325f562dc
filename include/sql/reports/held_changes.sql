-- purpose: the rows of one entity that wait for a person
-- grain: key
-- inputs: held (held/<entity>.parquet of a diff)
-- outputs: returned rows (op, school, key joined by " / ")
-- parameters: entity
select op, _scope, concat_ws(' / '{% for k in entity.key %}, {{ k | quote }}::varchar{% endfor %}) as row_key
from held
order by op, _scope, row_key

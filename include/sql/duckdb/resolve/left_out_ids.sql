-- purpose: the ids that a file has only in records that the district's map leaves out, and nobody else: what refers to
--   them is left out, too
-- grain: id
-- inputs: rows_<file>, the relation that references look into
-- outputs: left_out_<entity> (ids)
-- parameters: file, entity, ids (columns that references look for), known (that relation)
create or replace table {{ ('left_out_' ~ entity.name) | quote }} as
select distinct {{ ids | columns('r') }}
from {{ ('rows_' ~ file.name) | quote }} as r
anti join (
    select * from {{ ('rows_' ~ file.name) | quote }} where not left_out
) as o on {{ ids | pairs('r', 'o') }}
anti join {{ known | quote }} as k on {{ ids | pairs('r', 'k') }}
where
    r.left_out
    and r.readable
    {% for i in ids %}
    and r.{{ i | quote }} is not null
    {% endfor %}

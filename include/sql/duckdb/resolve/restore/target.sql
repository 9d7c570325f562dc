-- purpose: the rows a restore goes back to: of each school, those of the latest restore that names it
-- grain: key
-- inputs: restored_scopes, kept_<entity>
-- outputs: target_<entity> (contract columns, stands: true until closed)
-- parameters: entity
create or replace table {{ ('target_' ~ entity.name) | quote }} as
with scopes as (
    select scope, place from restored_scopes where entity = {{ entity.name | literal }}
)

select {{ entity.columns | columns('k') }}, true as stands
from {{ ('kept_' ~ entity.name) | quote }} as k
left join scopes as s on k.{{ entity.scope | quote }} = s.scope
left join scopes as d on d.scope = ''
where k.place = coalesce(s.place, d.place)
-- who moved between two schools that go back to different states is once in each of these
qualify row_number() over (partition by {{ entity.key | columns('k') }} order by k.place desc) = 1

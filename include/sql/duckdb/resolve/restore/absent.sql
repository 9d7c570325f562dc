-- purpose: rows that were not there then: of a school that goes back to a state without them
-- grain: key
-- inputs: <rows>, restored_scopes, kept_<entity>, target_<entity>
-- outputs: absent_<rows> (key columns)
-- parameters: entity, rows (tonight_<entity> or held_<entity>)
-- A row counts at the school it had then; only one that was not there at all counts at tonight's.
create or replace table {{ ('absent_' ~ rows) | quote }} as
with scopes as (
    select scope, place from restored_scopes where entity = {{ entity.name | literal }}
)

select {{ entity.key | columns('n') }}
from {{ rows | quote }} as n
left join scopes as s on n.{{ entity.scope | quote }} = s.scope
left join scopes as d on d.scope = ''
left join {{ ('kept_' ~ entity.name) | quote }} as k
    on k.place = coalesce(s.place, d.place) and {{ entity.key | pairs('k', 'n') }}
left join {{ ('target_' ~ entity.name) | quote }} as t on {{ entity.key | pairs('t', 'n') }}
where coalesce(s.place, d.place) is not null and k.place is null and t.stands is null

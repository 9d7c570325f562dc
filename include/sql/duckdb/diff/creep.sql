-- purpose: what of an earlier state is no longer there, by school
-- grain: school_id
-- inputs: prev_<entity> (the earlier state), state_<entity>
-- outputs: returned rows (school_id or null, rows of the earlier state, those that are gone)
-- parameters: entity
select
    w.{{ entity.scope | quote }} as school,
    count(*) as known,
    count(*) filter (where n.{{ entity.key[0] | quote }} is null) as gone
from {{ ('prev_' ~ entity.name) | quote }} as w
left join {{ ('state_' ~ entity.name) | quote }} as n on {{ entity.key | pairs('w', 'n') }}
group by school
order by school

-- purpose: the state this slot produces = accepted + carried
-- grain: key
-- inputs: accepted_<entity>, carried_<entity>
-- outputs: state_<entity> (_line: null when carried; contract columns)
-- parameters: entity
create or replace view {{ ('state_' ~ entity.name) | quote }} as
select _line, {{ entity.columns | columns }} from {{ ('accepted_' ~ entity.name) | quote }}
union all
select null, {{ entity.columns | columns }} from {{ ('carried_' ~ entity.name) | quote }}

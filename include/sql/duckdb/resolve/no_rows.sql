-- purpose: an entity without rows: before a district's first slot, or nothing accepted tonight
-- grain: key
-- inputs: none
-- outputs: <view> (_line, contract columns), empty
-- parameters: entity, view
create or replace view {{ view | quote }} as
select
    null::bigint as _line,
    {% for c in entity.columns %}
    null::{{ c.duckdb_type }} as {{ c.name | quote }}{{ ',' if not loop.last }}
    {% endfor %}
where false

-- purpose: blank the optional values that broke a warning rule
-- grain: record
-- inputs: staged_<file>, found, rules
-- outputs: returned rows: the staged columns in their order
-- parameters: file, blanked (columns with at least one such value)
with spoiled as (
    select f._line, list(distinct r."column") as names
    from found as f
    inner join rules as r on f.rule_no = r.rule_no
    where r.file = {{ file | literal }} and r.blanks
    group by f._line
)

select
    s.* replace (
        {% for c in blanked %}
        case when coalesce(list_contains(b.names, {{ c | literal }}), false) then null else s.{{ c | quote }} end
            as {{ c | quote }} {{- ',' if not loop.last }}
        {% endfor %}
    )
from {{ ('staged_' ~ file) | quote }} as s
left join spoiled as b on s._line = b._line

-- purpose: records that stay out for what they are: parse rejects, error findings, duplicates
-- grain: _line x rule
-- inputs: rows_<file>, crowded_<file>, errors, rejects_<file>
-- outputs: rows into excluded (kind: quarantined or duplicate)
-- parameters: file, key, contents (columns that must agree on one key), places (columns that may differ
--   between a person's rows at several schools: school_id first; else empty), first_wins, conflict_rule,
--   has_rejects, has_errors, leaves_out (the district may leave records out)
insert into excluded
with twins as (
    select
        r._line,
        row_number() over (
            partition by {{ (key if first_wins else key + contents + places) | columns('r') }} order by r._line
        ) as copy,
        {% if first_wins %}
        -- the first of a key stays, whatever the others say
        case
            when row({{ contents | columns('r') }}) is distinct from first_value(row({{ contents | columns('r') }}))
                over (partition by {{ key | columns('r') }} order by r._line)
                then 'first_wins'
            else 'duplicate'
        end as reason
        {% else %}
        'duplicate' as reason
        {% endif %}
    from {{ ('rows_' ~ file.name) | quote }} as r
    semi join {{ ('crowded_' ~ file.name) | quote }} as c
        on {{ key | pairs('r', 'c', 'is not distinct from' if first_wins else '=') }}
    where r.ok and r.readable and not r.left_out
)
{% if has_rejects %}
select {{ file.name | literal }}, _line, 'quarantined', rule, 'parse'
from {{ ('rejects_' ~ file.name) | quote }}
union all
{% endif %}
{% if has_errors %}
select
    file,
    _line,
    'quarantined',
    unnest(rules),
    case when only_unreachable then 'unreachable' else 'invalid' end
from errors
where
    file = {{ file.name | literal }}
    {% if leaves_out %}
    -- what the district's map leaves out is accepted, whatever else is wrong with it
    and _line not in (select _line from {{ ('rows_' ~ file.name) | quote }} where left_out)
    {% endif %}
union all
{% endif %}
select {{ file.name | literal }}, _line, 'duplicate', {{ conflict_rule | literal }}, reason
from twins
where copy > 1

-- purpose: records that stay out for what they are: parse rejects, error findings, duplicates, conflicts
-- grain: _line x rule
-- inputs: rows_<file>, crowded_<file>, errors, rejects_<file>
-- outputs: rows into excluded (kind: quarantined or duplicate)
-- parameters: file, key, contents (columns that must agree on one key), places (columns that may differ
--   between a person's rows at several schools: school_id first; else empty), first_wins, conflict_rule,
--   has_rejects, has_errors
insert into excluded
with twins as (
    select
        r._line,
        r.ok,
        row_number() over (
            partition by {{ (key if first_wins else key + contents + places) | columns('r') }}, r.ok
            order by r._line
        ) as copy,
        {% if first_wins %}
        -- the first of a key stays, whatever the others say
        false as conflicting,
        case
            when row({{ contents | columns('r') }}) is distinct from first_value(row({{ contents | columns('r') }}))
                over (partition by {{ key | columns('r') }}, r.ok order by r._line)
                then 'first_wins'
            else 'duplicate'
        end as reason
        {% else %}
        (
            min(row({{ contents | columns('r') }})) over same_key
            is distinct from max(row({{ contents | columns('r') }})) over same_key
        )
        {% if places %}
        or (
            min(row({{ places | columns('r') }})) over same_place
            is distinct from max(row({{ places | columns('r') }})) over same_place
        )
        {% endif %}
            as conflicting,
        'duplicate' as reason
        {% endif %}
    from {{ ('rows_' ~ file.name) | quote }} as r
    semi join {{ ('crowded_' ~ file.name) | quote }} as c
        on {{ key | pairs('r', 'c', 'is not distinct from' if first_wins else '=') }}
    where r.readable and not r.left_out
    {% if not first_wins %}
    window
        same_key as (partition by {{ key | columns('r') }}){{ ',' if places }}
        {% if places %}
        same_place as (partition by {{ (key + places[:1]) | columns('r') }})
        {% endif %}
    {% endif %}
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
where file = {{ file.name | literal }}
union all
{% endif %}
select {{ file.name | literal }}, _line, 'duplicate', {{ conflict_rule | literal }}, reason
from twins
where ok and copy > 1
union all
select {{ file.name | literal }}, _line, 'quarantined', {{ conflict_rule | literal }}, 'conflicting_duplicate'
from twins
where conflicting and not (ok and copy > 1)

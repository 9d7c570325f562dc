-- purpose: records of events that stay out for what they are: parse rejects, error findings, duplicates, conflicts
-- grain: _line x rule
-- inputs: rows_<file>, crowded_<file>, errors, rejects_<file>
-- outputs: rows into excluded (kind: quarantined or duplicate)
-- parameters: file, key, value (the column in which events of one key may not differ), conflict_rule,
--   has_rejects, has_errors
insert into excluded
with crowded as (
    select r._line, {{ key | columns('r') }}, r.{{ value | quote }}, c.conflicting
    from {{ ('rows_' ~ file.name) | quote }} as r
    inner join {{ ('crowded_' ~ file.name) | quote }} as c on {{ key | pairs('r', 'c') }}
    where r.readable and r.ok and r.{{ value | quote }} is not null
),

-- a record says several things in the wide layout: one conflict keeps all of it out
judged as (
    select _line, bool_or(conflicting) as contested
    from crowded
    group by _line
),

events as (
    select _line, count(*) as event_count
    from {{ ('rows_' ~ file.name) | quote }}
    where readable and ok and {{ value | quote }} is not null
    group by _line
),

-- nothing in it is new: records that fare alike (kept out or not) say all of it first
copies as (
    select t._line
    from (
        select
            c._line,
            row_number() over (
                partition by {{ key | columns('c') }}, c.{{ value | quote }}, j.contested order by c._line
            ) as copy
        from crowded as c
        inner join judged as j on c._line = j._line
    ) as t
    inner join events as e on t._line = e._line
    where t.copy > 1
    group by t._line, e.event_count
    having count(*) = e.event_count
)
{% if has_rejects %}
select {{ file.name | literal }}, _line, 'quarantined', rule, 'parse'
from {{ ('rejects_' ~ file.name) | quote }}
union all
{% endif %}
{% if has_errors %}
select file, _line, 'quarantined', unnest(rules), 'invalid' from errors where file = {{ file.name | literal }}
union all
{% endif %}
select {{ file.name | literal }}, _line, 'duplicate', {{ conflict_rule | literal }}, 'duplicate' from copies
union all
select {{ file.name | literal }}, j._line, 'quarantined', {{ conflict_rule | literal }}, 'conflicting_duplicate'
from judged as j
anti join copies as c on j._line = c._line
where j.contested

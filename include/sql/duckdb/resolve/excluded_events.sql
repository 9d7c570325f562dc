-- purpose: records of events that stay out for what they are: parse rejects, error findings, duplicates, conflicts
-- grain: _line x rule
-- inputs: rows_<file>, crowded_<file>, errors_<file>, rejects_<file>
-- outputs: excluded_<file> (_line, kind: quarantined or duplicate, rule, reason)
-- parameters: file, key, value (the column in which events of one key may not differ), conflict_rule
create or replace table {{ ('excluded_' ~ file.name) | quote }} as
with crowded as (
    select r._line, {{ key | columns('r') }}, r.{{ value | quote }}, c.conflicting
    from {{ ('rows_' ~ file.name) | quote }} as r
    inner join {{ ('crowded_' ~ file.name) | quote }} as c on {{ key | pairs('r', 'c') }}
    where r.readable and r.ok and r.{{ value | quote }} is not null
)
-- a record says several things in the wide layout: one conflict keeps all of it out
, judged as (
    select _line, bool_or(conflicting) as contested
    from crowded
    group by _line
)
, events as (
    select _line, count(*) as event_count
    from {{ ('rows_' ~ file.name) | quote }}
    where readable and ok and {{ value | quote }} is not null
    group by _line
)
-- nothing in it is new: records that fare alike (kept out or not) say all of it first
, copies as (
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
select _line, 'quarantined' as kind, rule, 'parse' as reason
from {{ ('rejects_' ~ file.name) | quote }}
union all
select _line, 'quarantined', unnest(rules), 'invalid'
from {{ ('errors_' ~ file.name) | quote }}
union all
select _line, 'duplicate', {{ conflict_rule | literal }}, 'duplicate' from copies
union all
select j._line, 'quarantined', {{ conflict_rule | literal }}, 'conflicting_duplicate'
from judged as j
anti join copies as c on j._line = c._line
where j.contested

-- purpose: records of events that stay out for what they are: parse rejects, error findings, duplicates, conflicts
-- grain: _line x rule
-- inputs: rows_<file>, crowded_<file>, errors_<file>, rejects_<file>
-- outputs: excluded_<file> (_line, kind: quarantined or duplicate, rule, reason)
-- parameters: file, key, value (the column in which events of one key may not differ), conflict_rule
create or replace table {{ ('excluded_' ~ file.name) | quote }} as
with twins as (
    select
        r._line,
        c.conflicting,
        row_number() over (partition by {{ key | columns('r') }}, r.{{ value | quote }}, r.ok order by r._line) as copy
    from {{ ('rows_' ~ file.name) | quote }} as r
    inner join {{ ('crowded_' ~ file.name) | quote }} as c on {{ key | pairs('r', 'c') }}
    where r.readable and r.ok and r.{{ value | quote }} is not null
)
-- a record says several things in the wide layout: one conflict keeps all of it out
, conflicts as (select distinct _line from twins where conflicting and copy = 1)
, events as (
    select _line, count(*) as event_count
    from {{ ('rows_' ~ file.name) | quote }}
    where readable and ok and {{ value | quote }} is not null
    group by _line
)
-- nothing in it is new: another record, which is not kept out, says all of it first
, copies as (
    select t._line
    from (
        select
            r._line,
            row_number() over (partition by {{ key | columns('r') }}, r.{{ value | quote }} order by r._line) as copy
        from {{ ('rows_' ~ file.name) | quote }} as r
        inner join {{ ('crowded_' ~ file.name) | quote }} as c on {{ key | pairs('r', 'c') }}
        anti join conflicts as x on r._line = x._line
        where r.readable and r.ok and r.{{ value | quote }} is not null and not c.conflicting
        union all
        select _line, copy from twins where conflicting and _line not in (select _line from conflicts)
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
select _line, 'quarantined', {{ conflict_rule | literal }}, 'conflicting_duplicate' from conflicts

-- purpose: find new ids that equal a missing one but for leading zeros, case or a trailing ".0"
-- grain: _line
-- inputs: rows_<file>, prev_<entity>
-- outputs: rows into excluded_<file>, keys into damaged_<entity> (the missing keys: they are frozen)
-- parameters: file, entity, rule
create or replace table {{ ('damaged_' ~ entity.name) | quote }} as
with arrived as (
    -- also those in quarantine for another reason: ids that lost their zeros collide
    select n._line, {{ entity.key | columns('n') }}
    from {{ ('rows_' ~ file.name) | quote }} as n
    anti join {{ ('prev_' ~ entity.name) | quote }} as p on {{ entity.key | pairs('n', 'p') }}
    where n.readable and not n.left_out
)
, gone as (
    select {{ entity.key | columns('p') }}
    from {{ ('prev_' ~ entity.name) | quote }} as p
    anti join (
        select {{ entity.key | columns }} from {{ ('rows_' ~ file.name) | quote }} where readable
    ) as r on {{ entity.key | pairs('p', 'r') }}
)
select a._line, {{ entity.key | columns('g') }}
from arrived as a
inner join gone as g on
    {% for k in entity.key %}
    {{ 'and' if not loop.first else '' }}
    lower(ltrim(regexp_replace(a.{{ k | quote }}, '\.0$', ''), '0'))
    = lower(ltrim(regexp_replace(g.{{ k | quote }}, '\.0$', ''), '0'))
    {% endfor %}

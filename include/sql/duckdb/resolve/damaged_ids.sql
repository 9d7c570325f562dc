-- purpose: find new ids that equal a missing one but for leading zeros, case or a trailing ".0"; of namesakes
--   without an id, those whose email or mobile was damaged
-- grain: _line
-- inputs: rows_<file>, prev_<entity>, gone_<entity>
-- outputs: damaged_<entity> (_line, the missing key it may stand for: that is frozen)
-- parameters: file, entity
{% from 'duckdb/resolve/loosely.sql' import loosely %}
create or replace table {{ ('damaged_' ~ entity.name) | quote }} as
with arrived as (
    -- also those in quarantine for another reason: ids that lost their zeros collide
    select n._line, {{ entity.key | columns('n') }}
    from {{ ('rows_' ~ file.name) | quote }} as n
    anti join {{ ('prev_' ~ entity.name) | quote }} as p on {{ entity.key | pairs('n', 'p') }}
    where n.readable and not n.left_out
)

select a._line, {{ entity.key | columns('g') }}
from arrived as a
inner join {{ ('gone_' ~ entity.name) | quote }} as g on
    {% for k in entity.key %}
    {{ 'and' if not loop.first else '' }}
    {% if entity.made and k == entity.made.column and entity.made.recipe > 1 %}
    {# a key that is made is a kind of identity and a value without white space #}
    split_part(a.{{ k | quote }}, ' ', 1) = split_part(g.{{ k | quote }}, ' ', 1)
    and {{ loosely("split_part(a.%s, ' ', 2)" % (k | quote)) }}
    = {{ loosely("split_part(g.%s, ' ', 2)" % (k | quote)) }}
    {% else %}
    {{ loosely("a." ~ (k | quote)) }} = {{ loosely("g." ~ (k | quote)) }}
    {% endif %}
    {% endfor %}
{% if 'contact_key' in entity.key %}
union
-- it may be any missing contact of its name
select r._line, {{ entity.key | columns('g') }}
from {{ ('rows_' ~ file.name) | quote }} as r
inner join {{ ('gone_' ~ entity.name) | quote }} as g
    on
        r.student_id = g.student_id
        and lower(r.first_name) = lower(g.first_name)
        and lower(r.last_name) = lower(g.last_name)
where r.readable and r.spoiled and g.parent_id is null
{% endif %}

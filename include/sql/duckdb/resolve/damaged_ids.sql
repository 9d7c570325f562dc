-- purpose: find new ids that equal a missing one but for leading zeros, case or a trailing ".0"; of namesakes
--   without an id, those whose email or mobile was damaged
-- grain: _line
-- inputs: rows_<file>, prev_<entity>, gone_<entity>, new_ids
-- outputs: damaged_<entity> (_line, the missing key it may stand for: that is frozen; new_<column>: the key it came
--   with, null of a namesake)
-- parameters: file, entity, key_owners (of each key column: whose id it is), has_new_ids (a person said of some that
--   they are meant so)
{% from 'duckdb/resolve/loosely.sql' import loosely %}
{% from 'duckdb/resolve/id_of_key.sql' import id_of_key, owner_of_key %}
create or replace table {{ ('damaged_' ~ entity.name) | quote }} as
with arrived as (
    -- also those in quarantine for another reason: ids that lost their zeros collide
    select n._line, {{ entity.key | columns('n') }}
    from {{ ('rows_' ~ file.name) | quote }} as n
    anti join {{ ('prev_' ~ entity.name) | quote }} as p on {{ entity.key | pairs('n', 'p') }}
    where n.readable and not n.left_out
),

alike as (
    select
        a._line,
        {{ entity.key | columns('g') }},
        {% for k in entity.key %}
        a.{{ k | quote }} as {{ ('new_' ~ k) | quote }}{{ ',' if not loop.last }}
        {% endfor %}
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
)

select *
from alike as a
{% if has_new_ids %}
-- where one id of it is meant so, it is another row, whatever the others say
where
    {% for k, owner in key_owners %}
    {{ 'and' if not loop.first }} not exists (
        select 1
        from new_ids as n
        where
            n.owner = {{ owner_of_key(entity, owner, 'a.' ~ (k | quote)) }}
            and n.former_id = {{ id_of_key(entity, k, 'a.' ~ (k | quote)) }}
            and n.new_id = {{ id_of_key(entity, k, 'a.' ~ (('new_' ~ k) | quote)) }}
    )
    {% endfor %}
{% endif %}
{% if 'contact_key' in entity.key %}
union
-- it may be any missing contact of its name
select
    r._line,
    {{ entity.key | columns('g') }},
    {% for k in entity.key %}
    null{{ ',' if not loop.last }}
    {% endfor %}
from {{ ('rows_' ~ file.name) | quote }} as r
inner join {{ ('gone_' ~ entity.name) | quote }} as g
    on
        r.student_id = g.student_id
        and lower(r.first_name) = lower(g.first_name)
        and lower(r.last_name) = lower(g.last_name)
where r.readable and r.spoiled and not r.left_out and g.parent_id is null
{% endif %}

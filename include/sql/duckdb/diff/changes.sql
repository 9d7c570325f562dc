-- purpose: the change set of one entity: slice(N) = diff(state(N-1), state(N))
-- grain: key, changed rows only
-- inputs: prev_<entity>, state_<entity>
-- outputs: changes_<entity> (op I/U/D, key, new values, _line, _school: of the row before, of a new row its own;
--   _core: a name or way to reach someone that was there differs; hashes of the row before and after)
-- parameters: entity
{% from 'duckdb/diff/row_text.sql' import row_text %}
create or replace table {{ ('changes_' ~ entity.name) | quote }} as
select
    * exclude (_p, _s),
    {# the text is made once: it is the longest part of the statement #}
    md5_number_lower(_p) as _p_lower, md5_number_upper(_p) as _p_upper,
    md5_number_lower(_s) as _s_lower, md5_number_upper(_s) as _s_upper
from (
    select
        case
            when p.{{ entity.key[0] | quote }} is null then 'I'
            when s.{{ entity.key[0] | quote }} is null then 'D'
            else 'U'
        end as op,
        {% for k in entity.key %}
        coalesce(s.{{ k | quote }}, p.{{ k | quote }}) as {{ k | quote }},
        {% endfor %}
        {% for c in entity.values %}
        s.{{ c.name | quote }},
        {% endfor %}
        s._line,
        coalesce(p.{{ entity.scope | quote }}, s.{{ entity.scope | quote }}) as _school,
        {# a value where there was none does not count, nor does an email in other case #}
        false
        {% for c in entity.core %}
        {% set cell = 'lower(%s.%s)' if c.kind == 'email' else '%s.%s' %}
        or {{ cell % ('p', c.name | quote) }} <> coalesce({{ cell % ('s', c.name | quote) }}, '')
        {% endfor %}
            as _core,
        {% for side in ('p', 's') %}
        case
            when {{ side }}.{{ entity.key[0] | quote }} is not null
                then {{ row_text(entity, side) }}
        end as _{{ side }}{{ ',' if not loop.last else '' }}
        {% endfor %}
    from {{ ('prev_' ~ entity.name) | quote }} as p
    full join {{ ('state_' ~ entity.name) | quote }} as s on {{ entity.key | pairs('p', 's') }}
    where
        p.{{ entity.key[0] | quote }} is null
        or s.{{ entity.key[0] | quote }} is null
        {% for c in entity.values %}
        or p.{{ c.name | quote }} is distinct from s.{{ c.name | quote }}
        {% endfor %}
) as changed

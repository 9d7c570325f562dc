-- purpose: type one file's cleaned records and say of each whether it is ok and whether its key can be read
-- grain: _line
-- inputs: clean_<file>, errors, findings, prev_parents (these two: of contacts only), left_out_<entity> of each
--   reference in left_out_with, left_out_contacts
-- outputs: rows_<file> (_line, contract columns typed, [contact_key, or the key that is made], ok, readable,
--   only_unreachable, left_out, [short_key: what the contact key would be without a namesake; spoiled: without an id,
--   and its email or mobile was damaged])
-- parameters: file, key (columns of the main entity's key), has_contact_key, made (how a key column is made, or none),
--   has_status, left_out_with (references to entities of which the district's map leaves records out),
--   left_out_by_contact (of members: some email or mobile is only of parents that are left out), has_errors (validation
--   found some in this file)
{% from 'duckdb/resolve/made_key.sql' import bounded, made_key %}
{% macro is_left_out() -%}
{% if has_status %}
(s.status is not distinct from 'drop')
{% elif left_out_with or left_out_by_contact %}
(
    {% for r in left_out_with %}
    {{ 'or' if not loop.first }} exists (
        select 1
        from {{ ('left_out_' ~ r.entity) | quote }} as o
        where
            {% for c in r.columns %}
            {{ 'and' if not loop.first }} s.{{ c | quote }} = o.{{ r.to[loop.index0] | quote }}
            {% endfor %}
    )
    {% endfor %}
    {% if left_out_by_contact %}
    {{ 'or' if left_out_with }} exists (
        select 1
        from left_out_contacts as o
        where s.staff_id is null and s.parent_id is null and coalesce(lower(s.email), s.mobile) = o.contact
    )
    {% endif %}
)
{% else %}
false
{% endif %}
{%- endmacro %}
create or replace table {{ ('rows_' ~ file.name) | quote }} as
with typed as (
    select
        s._line,
        {% for c in file.columns %}
        {% if c.duckdb_type == 'VARCHAR' %}
        s.{{ c.name | quote }},
        {% else %}
        try_cast(s.{{ c.name | quote }} as {{ c.duckdb_type }}) as {{ c.name | quote }},
        {% endif %}
        {% endfor %}
        {% if file.attributes %}
        s.attributes,
        {% endif %}
        {{ is_left_out() }} as left_out,
        {% if has_errors %}
        -- what the district's map leaves out is accepted, whatever else is wrong with it
        (e._line is null or {{ is_left_out() }}) as ok,
        coalesce(e.columns, []) as bad_columns,
        coalesce(e.only_unreachable, false) as only_unreachable
        {% else %}
        true as ok,
        []::varchar[] as bad_columns,
        false as only_unreachable
        {% endif %}
    from {{ ('clean_' ~ file.name) | quote }} as s
    {% if has_errors %}
    left join errors as e on s._line = e._line and e.file = {{ file.name | literal }}
    {% endif %}
){{ ',' if has_contact_key }}

{% if has_contact_key %}
named as (
    select
        *,
        lower(first_name) || ' ' || lower(last_name) as full_name,
        case when parent_id is null then full_name || ' ' || coalesce(email, mobile, '') end as long_name,
        case when parent_id is null and email is not null then full_name || ' ' || mobile end as former_name,
        parent_id is null and (
            _line in (select _line from findings where rule = 'parents.email.valid')
            or email is null and _line in (select _line from findings where rule = 'parents.mobile.valid')
        ) as spoiled
    from typed
),

namesakes as (
    -- one student with two different people of one name and no id: the name alone is no key
    select student_id, full_name
    from named
    where parent_id is null and full_name is not null and ok
    group by student_id, full_name
    having count(distinct coalesce(email, '') || chr(31) || coalesce(mobile, '')) > 1
),

keyed as (
    select
        n.*,
        coalesce(
            n.parent_id,
            case
                when p.student_id is null and f.student_id is not null then n.former_name
                when p.student_id is null and k.student_id is null then n.full_name
                else n.long_name
            end
        ) as whole_key
    from named as n
    left join namesakes as k on n.student_id = k.student_id and n.full_name = k.full_name
    -- stored under its long key, it keeps that: whatever became of its namesake must not rename it
    left join prev_parents as p
        on n.student_id = p.student_id and {{ bounded('n.long_name') }} = p.contact_key
    -- also one that was told by its mobile, and has an email now; not where another one is told by it
    left join (
        select student_id, contact_key from prev_parents as o
        anti join named as l on o.student_id = l.student_id and o.contact_key = {{ bounded('l.long_name') }}
    ) as f on n.student_id = f.student_id and {{ bounded('n.former_name') }} = f.contact_key
)

select
    * exclude (full_name, long_name, former_name, whole_key, bad_columns),
    {{ bounded('whole_key') }} as contact_key,
    case when parent_id is null then {{ bounded('full_name') }} end as short_key,
    student_id is not null and whole_key is not null
    and not list_has_any(bad_columns, ['student_id', 'parent_id'])
    -- without an id it is told by its names and a way to reach it: where these are damaged it may be anybody
    and (
        parent_id is not null
        or only_unreachable
        or coalesce(email, mobile) is not null and not list_has_any(bad_columns, ['first_name', 'last_name'])
    )
        as readable,
    bad_columns
from keyed
{% elif made %}
select
    *,
    {{ made_key(made, made.recipe) }} as {{ made.column | quote }},
    school_id is not null and group_id is not null
    and coalesce({{ made.of | columns }}) is not null
    and not list_has_any(bad_columns, ['school_id', 'group_id', 'staff_id', 'parent_id'])
        as readable
from typed
{% else %}
select
    *,
    {% for k in key %}
    {{ k | quote }} is not null and
    {% endfor %}
    not list_has_any(bad_columns, [{{ key | map('literal') | join(', ') }}]) as readable
from typed
{% endif %}

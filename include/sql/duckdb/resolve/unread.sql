-- purpose: what is known of quarantined records whose key cannot be read in full: the student, else the school
-- grain: one row per record and student or school it may be of; (null, null) means the whole entity
-- inputs: rows_<file>, excluded, damaged_<entity>, findings, the known ids of each reference, students and schools,
--   new_ids
-- outputs: unread_<file> (_line, student_id, school_id)
-- parameters: file, entity, has_damaged (some ids of the file seem damaged), references (of key columns: columns;
--   known, the table of the ids they may have; to, these ids' columns; owners, whose ids these are), students (the
--   table of known student_ids; none where the file has no such column), schools (that of the school_ids), has_new_ids
--   (a person said of some that they are meant so: then they are no known id, damaged)
{% from 'duckdb/resolve/loosely.sql' import loosely %}
{% macro but_those_meant_so(owner, known, sent) -%}
{% if has_new_ids %}
anti join new_ids as i on i.owner = {{ owner | literal }} and {{ known }} = i.former_id and {{ sent }} = i.new_id
{% endif %}
{%- endmacro %}
create or replace table {{ ('unread_' ~ file.name) | quote }} as
with kept_out as (
    select
        r._line,
        {{ file.columns | selectattr('kind', 'equalto', 'id') | columns('r') }},
        bool_and(r.readable) as readable
    from {{ ('rows_' ~ file.name) | quote }} as r
    semi join (
        select _line from excluded where file = {{ file.name | literal }} and kind = 'quarantined'
    ) as x on r._line = x._line
    group by all
),

unreadable as (
    select _line from kept_out where not readable
    {% if has_damaged %}
    union
    select k._line
    from kept_out as k
    semi join {{ ('damaged_' ~ entity.name) | quote }} as d on k._line = d._line
    {% endif %}
    {% for r in references %}
    union
    -- nobody has this id, and somebody has one that it may have been
    select k._line
    from kept_out as k
    anti join {{ r.known | quote }} as e on
        {% for c in r.columns %}
        {{ 'and' if not loop.first }} k.{{ c | quote }} = e.{{ r.to[loop.index0] | quote }}
        {% endfor %}
    inner join {{ r.known | quote }} as n on
        {% for c in r.columns %}
        {{ 'and' if not loop.first }} {{ loosely('k.' ~ (c | quote)) }} = n.near_{{ loop.index }}
        {% endfor %}
    {% for c in r.columns %}
    {{ but_those_meant_so(r.owners[loop.index0], 'n.' ~ (r.to[loop.index0] | quote), 'k.' ~ (c | quote)) }}
    {% endfor %}
    {% endfor %}
    {% if file.name == 'group_user_members' %}
    union
    -- told by a value that was damaged: the next best one names another key
    select r._line
    from {{ ('rows_' ~ file.name) | quote }} as r
    inner join findings as f on r._line = f._line
    where
        r.staff_id is null and r.parent_id is null
        and (
            f.rule = 'group_user_members.email.valid'
            or f.rule = 'group_user_members.mobile.valid' and r.email is null
        )
    {% endif %}
),

unread as (
    select distinct
        r._line,
        {{ 'r.student_id' if students else 'null::varchar' }} as student_id,
        r.school_id
    from {{ ('rows_' ~ file.name) | quote }} as r
    semi join unreadable as u on r._line = u._line
),

{% for what, known in (('student', students), ('school', schools)) if known %}
of_{{ what }} as (
    select u._line, k.{{ what }}_id
    from unread as u
    inner join {{ known | quote }} as k on u.{{ what }}_id = k.{{ what }}_id
    union
    select u._line, k.{{ what }}_id
    from unread as u
    anti join {{ known | quote }} as e on u.{{ what }}_id = e.{{ what }}_id
    inner join {{ known | quote }} as k on {{ loosely('u.' ~ what ~ '_id') }} = k.near_1
    {{ but_those_meant_so(what ~ 's', 'k.' ~ what ~ '_id', 'u.' ~ what ~ '_id') }}
){{ ',' if not loop.last }}

{% endfor %}
{% if students %}
select _line, student_id, null as school_id
from of_student
union all
{% endif %}
select
    u._line,
    null::varchar as student_id,
    s.school_id
from unread as u
left join of_school as s on u._line = s._line
{% if students %}
anti join of_student as t on u._line = t._line
{% endif %}

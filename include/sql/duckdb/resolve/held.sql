-- purpose: changes of one entity that are held: those of a held slice, and what depends on a held parent
-- grain: key
-- inputs: prev_<entity>, accepted_<entity>, carried_<entity>, held_slices, held_<parent> of each reference,
--   held_contacts (of members), reused_students (of students), prev_student_schools (where a school is unsent),
--   state_students (of student_schools), prev_schools and <scope> (where a school is missing from schools.csv)
-- outputs: held_<entity> (op I/U/D as it would have been, R: of students, another child under the id, G: of students
--   and their places, of a school that is unsent, O: a change of a school that schools.csv lacks; _scope: the school it
--   counts for, contract columns: the row before for a removal, else tonight's)
-- parameters: entity, hold (false: nothing is), references (those whose parents have something held), unsent (of
--   students and their places: students.csv has nobody of a school, and that waits), contacts (of members known by an
--   email or mobile: something of staff or parents is held), scope (the relation of tonight's schools, where
--   schools.csv lacks one that is known; else none), has_slices (some are held)
create or replace table {{ ('held_' ~ entity.name) | quote }} as
{% if not hold %}
select null::varchar as op, null::varchar as _scope, * exclude (_line)
from {{ ('accepted_' ~ entity.name) | quote }}
where false
{% else %}
with moved as (
    select 'D' as op, p.school_id as _scope, {{ entity.columns | columns('p') }}
    from {{ ('prev_' ~ entity.name) | quote }} as p
    anti join {{ ('accepted_' ~ entity.name) | quote }} as a on {{ entity.key | pairs('p', 'a') }}
    anti join {{ ('carried_' ~ entity.name) | quote }} as c on {{ entity.key | pairs('p', 'c') }}
    union all
    select 'I', a.school_id, {{ entity.columns | columns('a') }}
    from {{ ('accepted_' ~ entity.name) | quote }} as a
    anti join {{ ('prev_' ~ entity.name) | quote }} as p on {{ entity.key | pairs('a', 'p') }}
    union all
    select
        {% if entity.name == 'students' %}
        case when a.student_id in (select student_id from reused_students) then 'R' else 'U' end,
        {% else %}
        'U',
        {% endif %}
        p.school_id,
        {{ entity.columns | columns('a') }}
    from {{ ('accepted_' ~ entity.name) | quote }} as a
    inner join {{ ('prev_' ~ entity.name) | quote }} as p on {{ entity.key | pairs('a', 'p') }}
    where
        false
        {% for c in entity.values %}
        or a.{{ c.name | quote }} is distinct from p.{{ c.name | quote }}
        {% endfor %}
){{ ',' if unsent or scope }}

{% if scope %}
outside as (
    select p.school_id
    from prev_schools as p
    anti join {{ scope | quote }} as s on p.school_id = s.school_id
),

{% endif %}
{% if unsent %}
unsent as (
    select scope as school_id
    from held_slices
    where entity = 'students' and kind = 'unsent'
),

{% endif %}
{% if unsent or scope %}
marked as (
    -- G and O tie nothing to them: what depends on a student of such a school changes as it is sent
    select
        case
            when m.op in ('I', 'R') then m.op
            {% if scope %}
            when
                m.op = 'U'
                and exists (select 1 from outside as o where o.school_id in (m._scope, m.school_id))
                then 'O'
            {% endif %}
            {% if unsent %}
            when m._scope in (select school_id from unsent) then 'G'
            {% if entity.name == 'students' %}
            -- home is not the only school a student is of
            when m.op = 'D' and exists (
                select 1
                from prev_student_schools as o
                where
                    o.student_id = m.student_id
                    and o.school_id in (select school_id from unsent)
            )
                then 'G'
            {% endif %}
            {% endif %}
            else m.op
        end as op,
        m.* exclude (op)
    from moved as m
)
{% endif %}

select m.*
from {{ 'marked' if unsent or scope else 'moved' }} as m
where
    {% if entity.name == 'student_schools' %}
    -- a student who stands is at their own school, also at one whose new places wait
    not (m.op = 'I' and (m.student_id, m.school_id) in (select (student_id, school_id) from state_students))
    and
    {% endif %}
    (
        {% if unsent %}
        m.op = 'G'
        {% if entity.name == 'students' %}
        or m.op = 'R' and m._scope in (select school_id from unsent)
        {% endif %}
        or
        {% endif %}
        {% if scope %}
        m.op = 'O'
        or m.op in ('I', 'R') and m._scope in (select school_id from outside)
        or
        {% endif %}
        {% if has_slices %}
        exists (
            select 1
            from held_slices as s
            where
                s.entity = {{ entity.name | literal }}
                and s.kind = case m.op
                    when 'D' then 'removed' when 'I' then 'added' when 'R' then 'reused' else 'changed'
                end
                and (s.scope = '' or s.scope = m._scope)
        )
        {% else %}
        false
        {% endif %}
        {% for r in references %}
        or exists (
            select 1
            from {{ ('held_' ~ r.entity) | quote }} as h
            where
                -- of a child who is held for another, nothing moves; else what comes and goes does so together,
                -- and nothing moves to what has not come
                (
                    h.op = 'R' or (h.op = 'I' and m.op in ('I', 'U')) or (h.op = 'D' and m.op = 'D')
                    {% if entity.name == 'student_schools' and r.entity == 'students' %}
                    -- a student whose own changes wait stays where they are, and may be elsewhere, too
                    or (h.op = 'U' and m.op <> 'I')
                    {% endif %}
                )
                {% for c in r.columns %}
                and h.{{ r.to[loop.index0] | quote }} = m.{{ c | quote }}
                {% endfor %}
        )
        {% endfor %}
        {% if contacts %}
        or (
            m.staff_id is null
            and m.parent_id is null
            and (m.op <> 'D', coalesce(lower(m.email), m.mobile)) in (select (comes, contact) from held_contacts)
        )
        {% endif %}
    )
{% endif %}

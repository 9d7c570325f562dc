-- purpose: rows of the state before that tonight's file does not have but that must stay, with the reason
-- grain: key
-- inputs: prev_<entity>, accepted_<entity>, held_back_<main>, unidentified_<file>, <scope>,
--   prev_schools, prev_student_schools (of students)
-- outputs: carried_<entity> (contract columns, _reason)
-- parameters: entity, main (the file's main entity), frozen_on (key columns shared with it), file,
--   knows_student (the file's key has student_id and more), scope (the relation of tonight's schools), is_held_back,
--   is_unidentified (held_back_<main>, unidentified_<file> have rows), has_status (the district may leave records out)
create or replace table {{ ('carried_' ~ entity.name) | quote }} as
with missing as (
    select p.*
    from {{ ('prev_' ~ entity.name) | quote }} as p
    anti join {{ ('accepted_' ~ entity.name) | quote }} as a on {{ entity.key | pairs('p', 'a') }}
),

{% if is_held_back %}
held as (
    select {{ frozen_on | columns }}, bool_or(freezes) as freezes
    from {{ ('held_back_' ~ main.name) | quote }}
    group by {{ frozen_on | columns }}
),

{% endif %}
{% if has_status %}
left_out as (
    select distinct {{ frozen_on | columns }}
    from {{ ('rows_' ~ file.name) | quote }}
    where readable and left_out
),

{% endif %}
judged as (
    select
        m.*,
        case
            {% if is_held_back %}
            when h.freezes then 'frozen'
            {% endif %}
            when not exists (select 1 from {{ scope | quote }} as s where s.school_id = m.school_id)
                -- a school that was never known is not missing from schools.csv
                and exists (select 1 from prev_schools as k where k.school_id = m.school_id)
                then 'out_of_scope'
            {% if entity.name == 'students' %}
            -- home is not the only school a student is of
            when exists (
                select 1
                from prev_student_schools as o
                where
                    o.student_id = m.student_id
                    and o.school_id not in (select school_id from {{ scope | quote }})
            )
                then 'out_of_scope'
            {% endif %}
            -- blanked or left out by the district: a decision about this very key
            {% if is_held_back %}
            when h.freezes is not null then null
            {% endif %}
            {% if has_status %}
            when l.{{ frozen_on[0] | quote }} is not null then null
            {% endif %}
            {% if is_unidentified %}
            when exists (
                select 1
                from {{ ('unidentified_' ~ file.name) | quote }} as u
                where
                    (u.student_id is null and u.school_id is null)
                    {% if knows_student %}
                    or u.student_id = m.student_id
                    {% endif %}
                    or u.school_id = m.school_id
            )
                then 'frozen_unidentified'
            {% endif %}
        end as _reason
    from missing as m
    {% if is_held_back %}
    left join held as h on {{ frozen_on | pairs('m', 'h') }}
    {% endif %}
    {% if has_status %}
    left join left_out as l on {{ frozen_on | pairs('m', 'l') }}
    {% endif %}
)

select * from judged where _reason is not null

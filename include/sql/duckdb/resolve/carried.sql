-- purpose: rows of the state before that tonight's file does not have but that must stay, with the reason
-- grain: key
-- inputs: prev_<entity>, accepted_<entity>, held_back_<main>, unidentified_<file>, <scope>,
--   prev_schools, prev_student_schools (of students), rows_<file>, excluded (of contacts)
-- outputs: carried_<entity> (contract columns, _reason)
-- parameters: entity, main (the file's main entity), frozen_on (key columns shared with it), file,
--   knows_student (the file has student_ids), scope (the relation of tonight's schools), is_held_back,
--   is_unidentified (held_back_<main>, unidentified_<file> have rows), has_status (the district may leave records out)
{% from 'duckdb/resolve/made_key.sql' import bounded %}
{% from 'duckdb/resolve/same_contact.sql' import same_contact, same_way %}
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
{% if 'contact_key' in entity.key %}
arrived as (
    select a.*
    from {{ ('accepted_' ~ entity.name) | quote }} as a
    anti join {{ ('prev_' ~ entity.name) | quote }} as p on {{ entity.key | pairs('a', 'p') }}
),

-- they are there under another key: nobody is carried beside themselves
elsewhere as (
    select m.student_id, m.contact_key
    from missing as m
    inner join arrived as a on {{ same_contact('m', 'a') }}
),

-- one namesake became two, and the keys grew
grown as (
    select m.student_id, m.contact_key
    from missing as m
    inner join (
        select student_id, lower(first_name) || ' ' || lower(last_name) as full_name
        from arrived
        where parent_id is null
        group by student_id, full_name
        having count(*) > 1
    ) as n on m.student_id = n.student_id and m.contact_key = {{ bounded('n.full_name') }}
    where m.parent_id is null
),

{% if is_held_back %}
-- in quarantine under a key that grew: stored by the name alone
named as (
    select distinct m.student_id, m.contact_key
    from missing as m
    inner join {{ ('rows_' ~ file.name) | quote }} as r
        on m.student_id = r.student_id and m.contact_key = r.short_key and {{ same_way('m', 'r') }}
    semi join (
        select _line from excluded where file = {{ file.name | literal }} and kind = 'quarantined'
    ) as x on r._line = x._line
    where r.readable and not r.only_unreachable
),

{% endif %}
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
            {% if 'contact_key' in entity.key %}
            when e.contact_key is not null then null
            {% if is_held_back %}
            when n.contact_key is not null then 'frozen'
            {% endif %}
            when g.contact_key is not null then null
            {% endif %}
            {% if is_unidentified %}
            when
                (
                    select count(*) > 0 from {{ ('unidentified_' ~ file.name) | quote }}
                    where student_id is null and school_id is null
                )
                {% if knows_student %}
                or m.student_id in (
                    select student_id from {{ ('unidentified_' ~ file.name) | quote }} where student_id is not null
                )
                {% endif %}
                or m.school_id in (
                    select school_id from {{ ('unidentified_' ~ file.name) | quote }} where school_id is not null
                )
                {% if entity.name == 'students' %}
                or m.student_id in (
                    select o.student_id
                    from prev_student_schools as o
                    semi join {{ ('unidentified_' ~ file.name) | quote }} as u on o.school_id = u.school_id
                )
                {% endif %}
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
    {% if 'contact_key' in entity.key %}
    left join elsewhere as e on {{ entity.key | pairs('m', 'e') }}
    left join grown as g on {{ entity.key | pairs('m', 'g') }}
    {% if is_held_back %}
    left join named as n on {{ entity.key | pairs('m', 'n') }}
    {% endif %}
    {% endif %}
)

select * from judged where _reason is not null

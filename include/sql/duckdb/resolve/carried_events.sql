-- purpose: events of the state before that the file does not have but that must stay, with the reason
-- grain: key
-- inputs: prev_<entity>, accepted_<entity>, rows_<file>, held_back_<entity>, unidentified_<file>
-- outputs: carried_<entity> (contract columns, _reason)
-- parameters: entity, file, all_day (the period that is the whole day), guard_rows, guard_percent, is_held_back,
--   is_unidentified (held_back_<entity>, unidentified_<file> have rows)
-- A file is the whole truth for each school, date and kind (all day or period) it has records of.
-- Of a group of which more than guard_rows and more than guard_percent would vanish, nothing goes.
create or replace table {{ ('carried_' ~ entity.name) | quote }} as
with told as (
    select distinct school_id, "date", period = {{ all_day | literal }} as is_all_day
    from {{ ('rows_' ~ file.name) | quote }}
    where readable
),

judged as (
    select
        p.*,
        p.period = {{ all_day | literal }} as is_all_day,
        case
            {% if is_held_back %}
            when h.freezes then 'frozen'
            {% endif %}
            when t.school_id is null then 'out_of_scope'
            {% if is_unidentified %}
            when exists (
                select 1
                from {{ ('unidentified_' ~ file.name) | quote }} as u
                where
                    (u.student_id is null and u.school_id is null)
                    or u.student_id = p.student_id
                    or u.school_id = p.school_id
            )
                then 'frozen_unidentified'
            {% endif %}
        end as _reason
    from {{ ('prev_' ~ entity.name) | quote }} as p
    anti join {{ ('accepted_' ~ entity.name) | quote }} as a on {{ entity.key | pairs('p', 'a') }}
    {% if is_held_back %}
    left join {{ ('held_back_' ~ entity.name) | quote }} as h on {{ entity.key | pairs('p', 'h') }}
    {% endif %}
    left join told as t
        on p.school_id = t.school_id and p."date" = t."date"
        and (p.period = {{ all_day | literal }}) = t.is_all_day
),

known as (
    select school_id, "date", period = {{ all_day | literal }} as is_all_day, count(*) as event_count
    from {{ ('prev_' ~ entity.name) | quote }}
    group by all
),

vanishing as (
    select j.school_id, j."date", j.is_all_day
    from judged as j
    inner join known as k
        on j.school_id = k.school_id and j."date" = k."date" and j.is_all_day = k.is_all_day
    where j._reason is null
    group by all
    having count(*) > {{ guard_rows }} and count(*) * 100 > any_value(k.event_count) * {{ guard_percent }}
)

select {{ entity.columns | columns('j') }}, coalesce(j._reason, 'held') as _reason
from judged as j
left join vanishing as v
    on j.school_id = v.school_id and j."date" = v."date" and j.is_all_day = v.is_all_day
where j._reason is not null or v.school_id is not null

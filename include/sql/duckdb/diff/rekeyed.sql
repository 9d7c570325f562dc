-- purpose: which student_id that is gone is which new one, as far as nobody can doubt it
-- grain: former student_id
-- inputs: prev_students, prev_parents, prev_emergency_contacts, accepted_students, rows_students, rows_<file>,
--   held_students, changes_students
-- outputs: rekeyed (former_student_id, student_id, school_id of the stored row, waits: both ends are held, else both
--   are applied and both their schools' slices were approved)
-- parameters: stored, files (of parents and emergency_contacts, those that may have rows before, and that have
--   records tonight), $approved (scopes of slices
--   approved as new ids), namesakes (names that more students than this have are nobody's), family (so many students
--   at most share a way to reach someone)
{% from 'duckdb/diff/grades.sql' import one_up %}
{% macro ways(side, relation, contact) %}
select s.student_id, unnest([lower(s.email), {{ contact | columns('s') }}]) as way
from {{ relation | quote }} as s semi join {{ side }} as o on s.student_id = o.student_id
{% endmacro %}
{% set phones = {'parents': ['mobile', 'secondary_phone'], 'emergency_contacts': ['phone']} %}
create or replace table rekeyed as
with missing as (
    -- also those who are carried: one of them may be whom a new id is of
    select
        p.student_id, p.school_id, p.state_student_id, p.grade_level, p.student_email, p.cellphone,
        lower(trim(p.first_name)) as first_name, lower(trim(p.last_name)) as last_name
    from prev_students as p
    anti join accepted_students as a on p.student_id = a.student_id
    qualify count(*) over (partition by lower(trim(p.first_name)), lower(trim(p.last_name))) <= {{ namesakes }}
),

arrived as (
    -- also those in quarantine
    select
        r.student_id, r.state_student_id, r.grade_level, r.student_email, r.cellphone,
        lower(trim(r.first_name)) as first_name, lower(trim(r.last_name)) as last_name
    from rows_students as r
    anti join prev_students as p on r.student_id = p.student_id
    where r.readable and not r.left_out
    qualify count(*) over (partition by lower(trim(r.first_name)), lower(trim(r.last_name))) <= {{ namesakes }}
),

namesakes as (
    select distinct
        m.student_id as former_student_id, a.student_id, m.school_id,
        -- null where a side has no state id
        m.state_student_id = a.state_student_id as same_state_id
    from missing as m
    inner join arrived as a
        on
            m.first_name = a.first_name and m.last_name = a.last_name
            and (a.grade_level = m.grade_level or {{ one_up('m.grade_level', 'a.grade_level') }})
),

{% for side in ('missing', 'arrived') %}
{{ side }}_ways as (
    select student_id, way
    from (
        select student_id, unnest([lower(student_email), cellphone]) as way from {{ side }}
        {% for file in (stored if side == 'missing' else files) %}
        union
        {{ ways(side, ('prev_' if side == 'missing' else 'rows_') ~ file, phones[file]) }}
        {% endfor %}
    )
    where way is not null
    qualify count(*) over (partition by way) <= {{ family }}
),

{% endfor %}
fits as (
    select former_student_id, student_id, school_id from namesakes where same_state_id
    union
    select n.former_student_id, n.student_id, n.school_id
    from namesakes as n
    inner join missing_ways as m on n.former_student_id = m.student_id
    inner join arrived_ways as a on n.student_id = a.student_id and m.way = a.way
    where n.same_state_id is null
),

sure as (
    select former_student_id, student_id, school_id
    from fits
    qualify
        count(*) over (partition by former_student_id) = 1
        and count(*) over (partition by student_id) = 1
),

ends as (
    select student_id, op, true as waits from held_students where op <> 'U'
    union all
    select student_id, op, false
    from changes_students
    where list_contains($approved::varchar[], '') or list_contains($approved::varchar[], _school)
)

select s.former_student_id, s.student_id, s.school_id, f.waits
from sure as s
inner join ends as f on s.former_student_id = f.student_id and f.op = 'D'
inner join ends as t on s.student_id = t.student_id and t.op = 'I' and f.waits = t.waits

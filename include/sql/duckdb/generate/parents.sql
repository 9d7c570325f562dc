-- purpose: parents.csv of a synthetic district on one night
-- grain: one row per student and parent (1.9 per student); a third of the first families have two children
-- inputs: macros gen_*
-- outputs: the columns of parents.csv
-- parameters: Jinja languages: [(contract value, the district's word for it)]
with families as (
    select
        *,
        case
            when number = position and position // 2 % 3 = 0 then position - position % 2
            else number
        end as family
    from gen_students()
),

parents as (
    select
        *,
        2 * family + parent as person,
        gen_times(
            family % getvariable('students'), getvariable('students'), 2,
            0, getvariable('students_churned')
        ) as moves
    from families cross join (values (0), (1)) as each_parent (parent)
    where parent = 0 or gen_percent(family, 'second parent') < 90
)

select
    gen_school_id(school) as school_id,
    gen_student_id(number) as student_id,
    'P' || printf('%08d', person) as parent_id,
    gen_first_name(('parent', person)) as first_name,
    gen_last_name(family) || '-Testparent' as last_name,
    if(
        gen_percent(person, 'email') < 92,
        lower(gen_first_name(('parent', person))) || '.' || person || '@example.org',
        null
    ) as email,
    -- a move is one change: another number
    if(
        moves > 0 or gen_percent(person, 'email') >= 92 or gen_percent(person, 'mobile') < 85,
        gen_phone(person + 977 * moves),
        null
    ) as mobile,
    if(gen_percent(person, 'second phone') < 10, gen_phone(person + 31), null) as secondary_phone,
    case
        when gen_percent(family, 'language') < 70 then 'English'
        when gen_percent(family, 'language') < 90 then {{ dict(languages).get('es', 'spa') | literal }}
        when gen_percent(family, 'language') < 93 then 'vi'
    end as language,
    if(parent = 0, '1', '0') as "primary",
    gen_one_of(['Mother', 'Father', 'Guardian', 'Grandmother'], ('relationship', person)) as relationship
from parents

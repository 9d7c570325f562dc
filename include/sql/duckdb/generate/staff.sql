-- purpose: staff.csv of a synthetic district on one night
-- grain: one row per member of staff
-- inputs: macros gen_*
-- outputs: the columns of staff.csv
-- parameters: none
with staff as (
    select
        post,
        gen_staff_number(post) as number,
        gen_times(
            post, getvariable('staff'), 3, getvariable('staff_churned'), 2 * getvariable('staff_churned')
        ) as version
    from range(getvariable('staff')) as posts (post)
)

select
    gen_school_id(post % getvariable('schools')) as school_id,
    gen_staff_id(number) as staff_id,
    -- a version is one change: another title
    (['Teacher', 'Lead Teacher', 'Counselor', 'Coach'])[1 + ((number % 3 + version) % 4)::int] as title,
    gen_first_name(('staff', number)) as first_name,
    gen_last_name(('staff', number)) || '-Testteacher' as last_name,
    lower(gen_first_name(('staff', number))) || '.' || number || '@staff.example.org' as email,
    if(post < 40000 and gen_percent(number, 'mobile') < 60, gen_phone(post), null) as mobile,
    null as secondary_phone,
    if(gen_percent(number, 'login') < 90, 'login' || number, null) as login
from staff

-- purpose: schools.csv of a synthetic district
-- grain: one row per school
-- inputs: macros gen_*
-- outputs: the columns of schools.csv
-- parameters: none
select
    gen_school_id(school) as school_id,
    gen_one_of(['North', 'South', 'East', 'West', 'Upper', 'Lower', 'Old', 'New'], school) || ' Test '
        || (['Elementary', 'High', 'Middle', 'Elementary'])[1 + (school % 4)::int]
        || ' ' || (school + 1) as school_name,
    printf('%05d', 1000 + school * 7 % 9000) as school_zip,
    (100 + school) || ' School Street' as school_address,
    'Testville' as school_city,
    'KS' as school_state,
    gen_first_name(('principal', school)) as principal_first_name,
    gen_last_name(('principal', school)) || '-Testprincipal' as principal_last_name,
    'principal.' || (school + 1) || '@example.org' as principal_email,
    gen_phone(school) as school_phone
from range(getvariable('schools')) as schools (school)

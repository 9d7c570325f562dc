-- purpose: rosters.csv of a synthetic district on one night
-- grain: one row per student and section, eight sections of the student's school
-- inputs: macros gen_*
-- outputs: the columns of rosters.csv
-- parameters: none
with students as (
    select
        *,
        (getvariable('sections') - school - 1) // getvariable('schools') + 1 as sections_of_school,
        -- how often the last of the eight was swapped for another
        gen_times(position, getvariable('students'), 5, 0, getvariable('students_churned')) as swaps
    from gen_students()
)

select
    gen_school_id(school) as school_id,
    gen_section_id(
        school + getvariable('schools') * ((
            position // getvariable('schools') * 8 + lesson
            + if(lesson = 7, swaps % (sections_of_school - 7), 0)
        ) % sections_of_school)
    ) as section_id,
    gen_student_id(number) as student_id
from students cross join range(8) as lessons (lesson)

-- purpose: sections.csv of a synthetic district on one night
-- grain: one row per section and teacher; one section in twenty has two
-- inputs: macros gen_*
-- outputs: the columns of sections.csv
-- parameters: none
with sections as (
    select
        section,
        gen_section_id(section) as section_id,
        gen_times(
            section, getvariable('sections'), 4,
            getvariable('sections_churned'), 2 * getvariable('sections_churned')
        ) as version
    from range(getvariable('sections')) as slots (section)
)

select
    gen_school_id(section % getvariable('schools')) as school_id,
    section_id,
    if(section % 2 = 0, '2026-1', '2026-2') as term_id,
    gen_staff_id(gen_staff_number(gen_teacher(section, shift))) as staff_id,
    gen_one_of([
        'Algebra', 'Art', 'Band', 'Biology', 'Chemistry', 'Choir', 'Drama', 'Geometry', 'Health', 'History',
        'Library', 'Mathematics', 'Music', 'Physical Education', 'Physics', 'Reading', 'Science', 'Spanish',
        'Writing, Creative'
    ], section_id) as course_name,
    -- a version is one change: another period
    (1 + (section // getvariable('schools') + version) % 8)::varchar as period_number,
    (1 + section % 9)::varchar as section_number,
    if(shift = 0, '1', '0') as is_primary
from sections cross join (values (0), (1)) as teachers (shift)
where shift = 0
    or (section % 20 = 7 and getvariable('staff') >= 2 * getvariable('schools'))

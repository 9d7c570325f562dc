-- purpose: terms.csv of a synthetic district
-- grain: one row per school and term
-- inputs: macros gen_*
-- outputs: the columns of terms.csv
-- parameters: none
select
    gen_school_id(number // 2) as school_id,
    if(number % 2 = 0, '2026-1', '2026-2') as term_id,
    if(number % 2 = 0, 'Fall 2026', 'Spring 2027') as term_name,
    'semester' as portion,
    if(number % 2 = 0, '08/17/2026', '01/05/2027') as start_date,
    if(number % 2 = 0, '12/18/2026', '05/28/2027') as end_date,
    '2026' as school_year
from range(2 * getvariable('schools')) as terms (number)

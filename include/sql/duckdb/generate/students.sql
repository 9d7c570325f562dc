-- purpose: students.csv of a synthetic district on one night, with its bad rows where asked for
-- grain: one row per student
-- inputs: macros gen_*; variables blank_names, unknown_grades (how many bad rows of each)
-- outputs: the columns of students.csv and `homeroom`, which the contract does not know
-- parameters: Jinja grades, status: [(contract value, the district's word for it)]
with students as (
    select
        *,
        gen_first_name(number) as first_name,
        case (school % 4)::int
            when 1 then 9 + (hash(number) % 4)::int
            when 2 then 6 + (hash(number) % 3)::int
            else -1 + (hash(number) % 7)::int
        end as grade,
        place - 2 * getvariable('students_churned') as bad
    from gen_students()
)

select
    gen_school_id(school) as school_id,
    gen_student_id(number) as student_id,
    'ST' || printf('%09d', number * 11 + 5) as state_student_id,
    if(bad >= 0 and bad < getvariable('blank_names'), null, first_name) as first_name,
    gen_last_name(number) || '-Testkid' as last_name,
    case
        when bad >= getvariable('blank_names')
            and bad < getvariable('blank_names') + getvariable('unknown_grades') then 'Grade 99'
        {% for value, word in grades %}
        when grade = {{ value }} then {{ word | literal }}
        {% endfor %}
        else grade::varchar
    end as grade_level,
    case
        when gen_percent(number, 'blank status') < 5 then null
        when gen_percent(number, 'incoming') < 2 then '0'
        else {{ dict(status).get(1, '1') | literal }}
    end as status,
    lower(first_name) || '.' || number || '@students.example.org' as student_email,
    if(grade >= 9 and position < 40000, gen_phone(position), null) as cellphone,
    -- a version is one change: another house
    (100 + number % 9000 + version) || ' '
        || gen_one_of(['Oak', 'Pine', 'Lake', 'Hill', 'Park', 'Main'], number) || ' Street' as address_line1,
    if(gen_percent(number, 'flat') < 15, 'Apt ' || (1 + number % 40), null) as address_line2,
    'Testville' as city,
    printf('%05d', 1000 + number % 50) as postal_code,
    'H' || (1 + position // getvariable('schools') // 25) as homeroom
from students

-- purpose: schools of tonight's schools.csv that students were at before and students.csv has no record of at all
-- grain: school_id
-- inputs: prev_students, prev_student_schools, scope_schools, rows_students
-- outputs: returned rows (school_id, students)
-- parameters: $gone (schools that count as tonight's although schools.csv lacks them)
select p.school_id as school, count(*) as student_count
from (
    select school_id, student_id from prev_student_schools
    union
    select school_id, student_id from prev_students
) as p
semi join scope_schools as s on p.school_id = s.school_id
anti join rows_students as r on p.school_id = r.school_id
where not list_contains($gone::varchar[], p.school_id)
group by school
order by school

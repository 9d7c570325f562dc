-- purpose: schools of tonight's schools.csv of which students are removed and students.csv has no record at all
-- grain: school_id
-- inputs: changes_students, scope_schools, rows_students
-- outputs: returned rows (school_id)
-- parameters: none
select distinct c._school as school
from changes_students as c
semi join scope_schools as s on c._school = s.school_id
anti join rows_students as r on c._school = r.school_id
where c.op = 'D'
order by school

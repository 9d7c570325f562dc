-- purpose: does anything of the state before belong to a school that tonight's schools.csv lacks
-- grain: one row
-- inputs: scope_schools, prev_schools, prev_student_schools
-- outputs: returned row (true or false)
-- parameters: none
select
    exists (select 1 from prev_schools as p anti join scope_schools as s on p.school_id = s.school_id)
    or exists (select 1 from prev_student_schools as p anti join scope_schools as s on p.school_id = s.school_id)

-- purpose: receive the students of a slot whose id may be another child's
-- grain: student_id
-- inputs: the client's stream
-- outputs: roster.reused_students
-- parameters: none
copy roster.reused_students (district_id, slot, student_id) from stdin

-- purpose: receive a slot's new ids of students
-- grain: former student_id
-- inputs: the client's stream
-- outputs: roster.student_aliases
-- parameters: none
copy roster.student_aliases (district_id, slot, former_student_id, student_id) from stdin

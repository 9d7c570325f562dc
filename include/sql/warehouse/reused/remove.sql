-- purpose: take a slot's students whose id may be another child's out again
-- grain: student_id
-- inputs: roster.reused_students
-- outputs: roster.reused_students without them
-- parameters: %(district)s, %(slot)s
delete from roster.reused_students
where district_id = %(district)s and slot = %(slot)s::date

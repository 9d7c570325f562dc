-- purpose: take a slot's new ids of students out again
-- grain: former student_id
-- inputs: roster.student_aliases
-- outputs: roster.student_aliases without them
-- parameters: %(district)s, %(slot)s
delete from roster.student_aliases
where district_id = %(district)s and slot = %(slot)s::date

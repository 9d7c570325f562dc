-- purpose: nothing stored of a student stays under an id that another child now has
-- grain: key
-- inputs: <relation> (rows of an entity that would keep their version before), replaced_students
-- outputs: <relation> without them
-- parameters: relation, held (it holds changes: additions are tonight's, and may wait)
delete from {{ relation | quote }}
where student_id in (select student_id from replaced_students)
{% if held %}
and op <> 'I'
{% endif %}

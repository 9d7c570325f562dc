-- purpose: section records whose teacher is unknown: the section loads without that teacher
-- grain: _line
-- inputs: lines_sections, <staff>
-- outputs: returned rows (_line)
-- parameters: staff (the relation of those who are known)
select n._line
from lines_sections as n
anti join {{ staff | quote }} as s on n.staff_id = s.staff_id
where n.staff_id is not null
order by n._line

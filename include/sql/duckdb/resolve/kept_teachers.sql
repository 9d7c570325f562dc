-- purpose: a stored teacher of a section whose id is sent otherwise, but for zeros, case or a trailing ".0", stays
-- grain: key
-- inputs: lines_sections, prev_section_teachers, accepted_section_teachers, carried_section_teachers, <staff>
-- outputs: rows into carried_section_teachers
-- parameters: staff (the relation of those who are known: an id that somebody has is no other's)
{% from 'duckdb/resolve/loosely.sql' import loosely %}
insert into carried_section_teachers
select p.*, 'frozen'
from prev_section_teachers as p
anti join accepted_section_teachers as a
    on p.school_id = a.school_id and p.section_id = a.section_id and p.staff_id = a.staff_id
anti join carried_section_teachers as c
    on p.school_id = c.school_id and p.section_id = c.section_id and p.staff_id = c.staff_id
semi join (
    select n.school_id, n.section_id, {{ loosely('n.staff_id') }} as loose_id
    from lines_sections as n
    anti join {{ staff | quote }} as s on n.staff_id = s.staff_id
) as n on p.school_id = n.school_id and p.section_id = n.section_id and {{ loosely('p.staff_id') }} = n.loose_id

-- purpose: the known teachers of each section; of several primary ones none is primary
-- grain: school_id, section_id, staff_id
-- inputs: lines_sections, <staff>
-- outputs: accepted_section_teachers (_line, contract columns)
-- parameters: staff (the relation of those who are known)
create or replace table accepted_section_teachers as
with taught as (
    select n._line, n.school_id, n.section_id, n.staff_id, n.is_primary
    from lines_sections as n
    semi join {{ staff | quote }} as s on n.staff_id = s.staff_id
    qualify
        row_number() over (partition by n.school_id, n.section_id, n.staff_id order by n._line) = 1
),

primaries as (
    -- also those nobody knows: the district marked them, and the one that is left is not the only one
    select school_id, section_id, count(distinct staff_id) as primary_count
    from lines_sections
    where is_primary
    group by school_id, section_id
)

select
    t._line,
    t.school_id,
    t.section_id,
    t.staff_id,
    case when p.primary_count > 1 and t.is_primary then false else t.is_primary end as is_primary
from taught as t
left join primaries as p on t.school_id = p.school_id and t.section_id = p.section_id

-- purpose: one row per section from its first record; the others are its further teachers
-- grain: school_id, section_id
-- inputs: lines_sections
-- outputs: accepted_sections (_line, contract columns)
-- parameters: entity
create or replace table accepted_sections as
select _line, {{ entity.columns | columns }}
from lines_sections
qualify row_number() over (partition by school_id, section_id order by _line) = 1

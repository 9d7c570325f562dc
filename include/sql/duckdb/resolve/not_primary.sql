-- purpose: a carried teacher of a section is not primary beside a primary of tonight's file
-- grain: key
-- inputs: carried_section_teachers, lines_sections, held_section_teachers
-- outputs: carried_section_teachers with is_primary false there
-- parameters: hold (some change of a section's teachers may be held: such a primary is not there yet)
{% from 'duckdb/resolve/loosely.sql' import loosely %}
update carried_section_teachers as c
set is_primary = false
where
    c.is_primary
    and exists (
        select 1
        from lines_sections as n
        {% if hold %}
        anti join held_section_teachers as h
            on n.school_id = h.school_id and n.section_id = h.section_id and n.staff_id = h.staff_id
        {% endif %}
        where
            n.is_primary
            and n.school_id = c.school_id
            and n.section_id = c.section_id
            -- sent with a damaged id it is the carried one itself
            and {{ loosely('n.staff_id') }} <> {{ loosely('c.staff_id') }}
    )

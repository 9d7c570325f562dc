-- purpose: sections that go because their term is over, or nearly, while the school has sections of a later one
-- grain: school_id, section_id
-- inputs: moved_sections (with term_id), state_sections, state_terms (those last loaded)
-- outputs: turned_sections (school_id, section_id)
-- parameters: $slot (its date), days (before the end of a term that already count), is_tonight (the rows that the
--   upload brings have a _line: else any row of the state is one)
create or replace table turned_sections as
with sent as (
    select distinct s.school_id, t.start_date, t.end_date
    from state_sections as s
    inner join state_terms as t on s.school_id = t.school_id and s.term_id = t.term_id
    {% if is_tonight %}
    where s._line is not null
    {% endif %}
)

select m.school_id, m.section_id
from moved_sections as m
inner join state_terms as t on m.school_id = t.school_id and m.term_id = t.term_id
where
    m.op = 'D'
    and t.end_date <= $slot::date + {{ days }}
    and exists (
        select 1
        from sent as s
        where s.school_id = m.school_id and s.start_date > t.start_date and s.end_date > t.end_date
    )

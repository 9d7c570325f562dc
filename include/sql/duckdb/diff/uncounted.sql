-- purpose: by school, removed and added rows that no limit counts: their person goes, they are one half of a move,
--   their section's term is over, or their key alone is another
-- grain: school_id
-- inputs: moved_<entity>, gone_people_<person> of each reference, gone_contacts, turned_sections, renamed_parents,
--   prev_groups, state_groups
-- outputs: returned rows (school_id or null, removed, added)
-- parameters: entity, owners (references to people of whom somebody goes), by (columns within which rows are paired as
--   moves, or none), in_category (also the category of their group), is_turned (turned_sections has rows), is_renamed
--   (renamed_parents has), has_contacts (gone_contacts has: of group members)
with moved as (
    select
        m.*,
        {% if in_category %}
        coalesce(p.category, s.category) as category,
        {% endif %}
        m.op = 'D' and (
            false
            {% for r in owners %}
            or exists (
                select 1
                from {{ ('gone_people_' ~ r.entity) | quote }} as g
                where
                    {% for c in r.columns %}
                    {{ 'and' if not loop.first }} g.{{ r.to[loop.index0] | quote }} = m.{{ c | quote }}
                    {% endfor %}
            )
            {% endfor %}
            {% if has_contacts %}
            or m.staff_id is null and m.parent_id is null
            and coalesce(lower(m.email), m.mobile) in (select contact from gone_contacts)
            {% endif %}
        ) as is_of_gone,
        {% if is_turned %}
        m.op = 'D' and (m.school_id, m.section_id) in (select (school_id, section_id) from turned_sections)
        {% else %}
        false
        {% endif %}
            as is_turned,
        {% if is_renamed %}
        (m.op, m.student_id, m.contact_key) in (select (op, student_id, contact_key) from renamed_parents)
        {% else %}
        false
        {% endif %}
            as is_renamed
    from {{ ('moved_' ~ entity.name) | quote }} as m
    {% if in_category %}
    left join prev_groups as p on m.op = 'D' and m.school_id = p.school_id and m.group_id = p.group_id
    left join state_groups as s on m.op = 'I' and m.school_id = s.school_id and m.group_id = s.group_id
    {% endif %}
){{ ',' if by }}

{% if by %}
paired as (
    select
        *,
        op = 'D' and not is_of_gone
        -- what counts nowhere anyway is paired first: the rest is what is lost
        and row_number() over (partition by {{ by | columns }}, op, is_of_gone order by is_turned desc)
        <= count(*) filter (where op = 'I') over (partition by {{ by | columns }})
            as is_move
    from moved
)
{% endif %}
select
    _scope,
    count(*) filter (where op = 'D') as removed,
    count(*) filter (where op = 'I') as added
from {{ 'paired' if by else 'moved' }}
where is_of_gone or is_turned or is_renamed{{ ' or is_move' if by }}
group by _scope

-- purpose: emails and mobiles of staff and parents who are removed, that nobody has any more
-- grain: value
-- inputs: prev_<entity>, moved_<entity>, state_<entity> of each of staff and parents
-- outputs: gone_contacts (contact)
-- parameters: losing (the entities some row of which is removed)
create or replace table gone_contacts as
with lost as (
    {% for entity in losing %}
    {% for value in ('lower(p.email)', 'p.mobile') %}
    {{ 'union' if not (loop.first and entity == losing[0]) }}
    select {{ value }} as contact
    from {{ ('prev_' ~ entity.name) | quote }} as p
    semi join {{ ('moved_' ~ entity.name) | quote }} as m on m.op = 'D' and {{ entity.key | pairs('p', 'm') }}
    {% endfor %}
    {% endfor %}
)

select l.contact
from lost as l
where
    l.contact is not null
    {% for relation in ('state_staff', 'state_parents') %}
    and l.contact not in (select lower(email) from {{ relation }} where email is not null)
    and l.contact not in (select mobile from {{ relation }} where mobile is not null)
    {% endfor %}

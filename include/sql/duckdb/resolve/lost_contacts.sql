-- purpose: of the values that members of this slot's state are known by and nobody has: who last had them
-- grain: contact x person
-- inputs: last_contacts, state_group_user_members, state_staff, state_parents
-- outputs: lost_contacts (as last_contacts)
-- parameters: none
create or replace table lost_contacts as
select l.*
from last_contacts as l
semi join (
    select coalesce(lower(email), mobile) as contact
    from state_group_user_members
    where staff_id is null and parent_id is null
) as m on l.contact = m.contact
anti join (
    {% for people in ('staff', 'parents') %}
    {{ 'union all' if not loop.first }}
    select lower(email) as contact from {{ ('state_' ~ people) | quote }}
    union all
    select mobile from {{ ('state_' ~ people) | quote }}
    {% endfor %}
) as h on l.contact = h.contact

-- purpose: every email and mobile by which a staff member or parent of tonight's state can be told
-- grain: person x value
-- inputs: <people>, held_contacts
-- outputs: <view> (contact)
-- parameters: view, people (relations of staff and parents), hold (something of them is held: what they would be told
--   by then counts as well)
create view {{ view | quote }} as
{% for relation in people %}
{{ 'union all' if not loop.first else '' }}
select lower(email) as contact from {{ relation | quote }} where email is not null
union all
select mobile from {{ relation | quote }} where mobile is not null
{% endfor %}
{% if hold %}
union all
select contact from held_contacts where comes
{% endif %}

-- purpose: every email and mobile by which a staff member or parent of tonight's state can be told
-- grain: person x value
-- inputs: <of>_staff, <of>_parents
-- outputs: <view> (contact)
-- parameters: view, of (referable, or state: only those who are really there)
create view {{ view | quote }} as
{% for people in ('staff', 'parents') %}
{{ 'union all' if not loop.first else '' }}
select lower(email) as contact from {{ (of ~ '_' ~ people) | quote }} where email is not null
union all
select mobile from {{ (of ~ '_' ~ people) | quote }} where mobile is not null
{% endfor %}

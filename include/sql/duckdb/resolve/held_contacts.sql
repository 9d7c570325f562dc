-- purpose: emails and mobiles that somebody gets, or nobody keeps, by changes of staff and parents that are held
-- grain: value
-- inputs: held_<people>, prev_<people>, state_<people>, accepted_<people>
-- outputs: held_contacts (comes: true of a value that nobody has yet, false of one that nobody would have; contact)
-- parameters: waiting (those of staff and parents some change of whom may be held, as entities)
{% macro contacts(relation, rows) -%}
select unnest([lower({{ rows }}.email), {{ rows }}.mobile]) as contact
from {{ relation | quote }} as {{ rows }}
{%- endmacro %}
create or replace table held_contacts as
with gets as (
    {% for people in waiting %}
    {{ 'union all' if not loop.first }}
    {{ contacts('held_' ~ people.name, 'h') }}
    where h.op <> 'D'
    {% endfor %}
),

loses as (
    {% for people in waiting %}
    {{ 'union all' if not loop.first }}
    {{ contacts('prev_' ~ people.name, 'p') }}
    semi join {{ ('held_' ~ people.name) | quote }} as h on {{ people.key | pairs('p', 'h') }}
    {% endfor %}
),

{% for of in ('state', 'accepted') %}
{{ of }}_contacts as (
    {% for people in ('staff', 'parents') %}
    {{ 'union all' if not loop.first }}
    {{ contacts(of ~ '_' ~ people, 'r') }}
    {% endfor %}
){{ ',' if not loop.last }}

{% endfor %}
select distinct true as comes, g.contact
from gets as g
anti join state_contacts as r on g.contact = r.contact
where g.contact is not null
union all
select distinct false, l.contact
from loses as l
anti join accepted_contacts as r on l.contact = r.contact
where l.contact is not null

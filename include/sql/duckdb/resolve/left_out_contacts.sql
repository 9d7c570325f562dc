-- purpose: the emails and mobiles that only parents have who are left out with their student: a member known by one is
--   left out, too
-- grain: value
-- inputs: rows_parents, people_contacts, people_in_quarantine
-- outputs: left_out_contacts (contact)
-- parameters: none
create or replace table left_out_contacts as
with told as (
    select unnest([lower(email), mobile]) as contact
    from rows_parents
    where left_out
)

select distinct t.contact
from told as t
anti join people_contacts as p on t.contact = p.contact
anti join people_in_quarantine as q on t.contact = q.contact
where t.contact is not null

-- purpose: every email and mobile by which a staff member or parent of tonight's state can be told
-- grain: person x value
-- inputs: referable_staff, referable_parents
-- outputs: people_contacts (contact)
-- parameters: none
create view people_contacts as
select lower(email) as contact from referable_staff where email is not null
union all
select mobile from referable_staff where mobile is not null
union all
select lower(email) from referable_parents where email is not null
union all
select mobile from referable_parents where mobile is not null

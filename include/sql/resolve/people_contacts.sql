-- purpose: every email and mobile by which a staff member or parent of tonight's state can be told
-- grain: person x value
-- inputs: state_staff, state_parents
-- outputs: people_contacts (contact)
-- parameters: none
create view people_contacts as
select lower(email) as contact from state_staff where email is not null
union all
select mobile from state_staff where mobile is not null
union all
select lower(email) from state_parents where email is not null
union all
select mobile from state_parents where mobile is not null

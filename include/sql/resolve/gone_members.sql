-- purpose: carried group members whose email or mobile no staff member or parent has any more go with them
-- grain: key
-- inputs: carried_group_user_members, people_contacts
-- outputs: carried_group_user_members without them
-- parameters: none
delete from carried_group_user_members as c
where
    c.staff_id is null
    and c.parent_id is null
    and c.member_key not in (select contact from people_contacts)

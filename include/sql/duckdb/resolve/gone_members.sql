-- purpose: carried group members whose email or mobile no staff member or parent has any more go with them
-- grain: key
-- inputs: carried_group_user_members, people_contacts, findings
-- outputs: carried_group_user_members without them
-- parameters: none
delete from carried_group_user_members as c
where
    c.staff_id is null
    and c.parent_id is null
    and coalesce(lower(c.email), c.mobile) not in (select contact from people_contacts)
    -- a person who stays may have lost the value to a typing error: nobody can tell, so nothing goes tonight
    and not exists (
        select 1 from findings as f
        where
            c.email is not null and f.rule in ('staff.email.valid', 'parents.email.valid')
            or c.email is null and f.rule in ('staff.mobile.valid', 'parents.mobile.valid')
    )

-- purpose: a group member told by email or mobile alone comes back only while somebody has it
-- grain: key
-- inputs: target_group_user_members, standing_contacts
-- outputs: target_group_user_members (stands)
-- parameters: none
update target_group_user_members set stands = false
where
    staff_id is null
    and parent_id is null
    and coalesce(lower(email), mobile) not in (select contact from standing_contacts)

-- purpose: who had the emails and mobiles that stored members are known by, in the last state in which anybody had them
-- grain: contact x person
-- inputs: prev_group_user_members, prev_staff, prev_parents, prev_lost_contacts (of values nobody had in the state
--   before)
-- outputs: last_contacts (is_email, contact, staff_id or parent_id, or student_id and contact_key of a parent without)
-- parameters: none
create or replace table last_contacts as
with told as (
    select distinct email is not null as is_email, coalesce(lower(email), mobile) as contact
    from prev_group_user_members
    where staff_id is null and parent_id is null
),

had as (
    select distinct
        t.is_email,
        t.contact,
        p.staff_id,
        null::varchar as parent_id,
        null::varchar as student_id,
        null::varchar as contact_key
    from told as t
    inner join prev_staff as p on t.contact = case when t.is_email then lower(p.email) else p.mobile end
    union all
    select distinct
        t.is_email,
        t.contact,
        null,
        p.parent_id,
        case when p.parent_id is null then p.student_id end,
        case when p.parent_id is null then p.contact_key end
    from told as t
    inner join prev_parents as p on t.contact = case when t.is_email then lower(p.email) else p.mobile end
)

select * from had
union all
select l.*
from prev_lost_contacts as l
semi join told as t on l.contact = t.contact
anti join had as h on l.contact = h.contact

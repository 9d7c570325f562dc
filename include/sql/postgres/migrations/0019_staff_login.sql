-- purpose: who makes accounts reads the login and the second phone of a staff member, too
-- grain: directory.staff: staff member
-- inputs: roster.staff
-- outputs: directory.staff
-- parameters: none

create or replace view directory.staff with (security_invoker) as
select
    district_id,
    staff_id,
    -- where the rows of one person differ, the first school (by id) that has a value speaks
    (array_agg(first_name order by school_id) filter (where first_name is not null))[1] as first_name,
    (array_agg(last_name order by school_id) filter (where last_name is not null))[1] as last_name,
    (array_agg(title order by school_id) filter (where title is not null))[1] as title,
    (array_agg(email order by school_id) filter (where email is not null))[1] as email,
    (array_agg(mobile order by school_id) filter (where mobile is not null))[1] as mobile,
    array_agg(school_id order by school_id) as school_ids,
    (array_agg(login order by school_id) filter (where login is not null))[1] as login,
    (array_agg(secondary_phone order by school_id) filter (where secondary_phone is not null))[1] as secondary_phone
from roster.staff
group by district_id, staff_id;

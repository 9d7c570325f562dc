-- purpose: a group member's key names the kind of identity, too: staff 4001 and parent 4001 are two members
-- grain: roster_log.group_user_members_today: slot x key
-- inputs: roster_log.group_user_members (its rows stay as they were written)
-- outputs: roster_log.group_user_members_today, roster_history.group_user_members, roster.group_user_members (its keys)
-- parameters: none

drop view roster_history.group_user_members;

create view roster_log.group_user_members_today with (security_invoker) as
with keyed as not materialized (
    select
        *,
        position(' ' in "member_key") = 0 as is_former,
        substr("member_key", position(' ' in "member_key") + 1) as value,
        (case
            when op <> 'D' then case
                when "staff_id" is not null then 'staff ' || case when octet_length("staff_id") > 765 then md5("staff_id") else "staff_id" end
                when "parent_id" is not null then 'parent ' || case when octet_length("parent_id") > 765 then md5("parent_id") else "parent_id" end
                when "email" is not null then 'email ' || case when octet_length(lower("email")) > 765 then md5(lower("email")) else lower("email") end
                when "mobile" is not null then 'mobile ' || case when octet_length("mobile") > 765 then md5("mobile") else "mobile" end
            end
            when position(' ' in "member_key") > 0 then "member_key"
        end) collate "C" as today
    from roster_log.group_user_members
)
, ended as not materialized (
    -- a version ends with the next of its person, and with the next that was written under the former key
    select
        *,
        least(
            lead(slot) over (partition by district_id, "school_id", "group_id", today order by slot),
            min(slot) filter (where is_former) over (
                partition by district_id, "school_id", "group_id", value order by slot
                rows between 1 following and unbounded following
            )
        ) as until
    from keyed
)
, linked as not materialized (
    select
        *,
        lag(until) over person as until_before,
        lag(op) over person as op_before
    from ended
    window person as (partition by district_id, "school_id", "group_id", today order by slot)
)
select
    district_id, slot,
    case
        when op = 'U' and is_former and (op_before = 'D' or until_before is distinct from slot) then 'I'::"char"
        else op
    end as op,
    "school_id",
    "group_id",
    today as "member_key",
    "staff_id",
    "parent_id",
    "email",
    "mobile",
    "role",
    _run_id, _file_sha256, _line
from linked
where op <> 'D' or not is_former
union all
-- whom a removal under the former key removed, and whom another person took the place of
select
    e.district_id, f.slot, 'D'::"char",
    e."school_id",
    e."group_id",
    e.today,
    null,
    null,
    null,
    null,
    null,
    f._run_id, null, null
from ended as e
inner join keyed as f
    on
        e."district_id" = f."district_id" and
        e."school_id" = f."school_id" and
        e."group_id" = f."group_id" and
        e.value = f.value and e.until = f.slot
where e.op <> 'D' and f.is_former and (f.op = 'D' or f.today <> e.today);
grant select on roster_log.group_user_members_today to rostersync_loader, rostersync_reader, rostersync_operator;
comment on view roster_log.group_user_members_today is 'One row per slot and row of roster.group_user_members that it added (op I), changed (U) or removed (D), in today''s keys.';

create view roster_history.group_user_members with (security_invoker) as
select
    district_id, "school_id", "group_id", "member_key", "staff_id", "parent_id", "email", "mobile", "role",
    _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, "school_id", "group_id", "member_key" order by slot) as valid_to
    from roster_log.group_user_members_today
) as versions
where op <> 'D';
grant select on roster_history.group_user_members to rostersync_reader, rostersync_operator, rostersync_loader;
comment on view roster_history.group_user_members is 'One row per version of a row of roster.group_user_members, with the slots from which and until which it held.';

update roster.group_user_members
set "member_key" = case
    when "staff_id" is not null then 'staff ' || case when octet_length("staff_id") > 765 then md5("staff_id") else "staff_id" end
    when "parent_id" is not null then 'parent ' || case when octet_length("parent_id") > 765 then md5("parent_id") else "parent_id" end
    when "email" is not null then 'email ' || case when octet_length(lower("email")) > 765 then md5(lower("email")) else lower("email") end
    when "mobile" is not null then 'mobile ' || case when octet_length("mobile") > 765 then md5("mobile") else "mobile" end
end;
-- whom another took the place of under one key has gone, and the other came then
update roster.group_user_members as c
set _first_slot = n.slot
from (
    select district_id, "school_id", "group_id", "member_key", max(slot) as slot
    from roster_log.group_user_members_today
    where op = 'I'
    group by district_id, "school_id", "group_id", "member_key"
) as n
where
    c.district_id = n.district_id and c."school_id" = n."school_id" and c."group_id" = n."group_id" and c."member_key" = n."member_key"
    and c._first_slot <> n.slot;


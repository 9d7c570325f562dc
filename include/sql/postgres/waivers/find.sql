-- purpose: waivers, newest first
-- grain: waiver
-- inputs: sync.waivers
-- outputs: returned rows (a waiver each)
-- parameters: %(district)s (null: any), %(day)s (null: any; else those in force that day)
select
    district_id as district, rule, until, granted_by as who, reason as why, granted_at, ended_at, ended_by,
    ended_reason as ended_why
from sync.waivers
where
    (%(district)s::text is null or district_id = %(district)s)
    and (%(day)s::date is null or (until >= %(day)s::date and ended_at is null))
order by granted_at desc, waiver_id desc

-- purpose: the notices of a day, and which of them have their file
-- grain: notice x slot
-- inputs: attendance.notice_days
-- outputs: returned rows
-- parameters: %(district)s, %(date)s
select
    notice_id as notice, slot, send_after, expires_at, file_slot, file_landing, file_at
from attendance.notice_days
where district_id = %(district)s and date = %(date)s::date

-- purpose: a day's notices that were written from a slot's file wait for another one
-- grain: notice x slot
-- inputs: none
-- outputs: attendance.notice_days
-- parameters: %(district)s, %(date)s, %(slot)s (of the file)
update attendance.notice_days set file_slot = null, file_landing = null, file_at = null
where district_id = %(district)s and date = %(date)s::date and file_slot = %(slot)s

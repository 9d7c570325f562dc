-- purpose: a notice's rows that nobody has taken begin to wait for a person (pending to held), or go (held to pending)
-- grain: notice
-- inputs: none
-- outputs: attendance.notices
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(from)s, %(to)s (states)
update attendance.notices set state = %(to)s
where
    district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s
    and state = %(from)s

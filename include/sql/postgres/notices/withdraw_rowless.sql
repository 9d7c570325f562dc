-- purpose: withdraw the few pending notices of a school of which the day's newest file has no row
-- grain: notice
-- inputs: none
-- outputs: attendance.notices
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(school)s, %(now)s
update attendance.notices set state = 'withdrawn', withdrawn_at = %(now)s::timestamptz
where
    district_id = %(district)s and notice_id = %(notice)s and date = %(date)s::date and slot = %(slot)s
    and state = 'pending' and expires_at > %(now)s::timestamptz
    and events @> jsonb_build_array(jsonb_build_object('school_id', %(school)s::text))

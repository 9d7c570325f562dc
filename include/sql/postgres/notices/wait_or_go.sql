-- purpose: a notice that nobody has taken waits while a hold is about it, and goes when none is
-- grain: notice
-- inputs: attendance.notice_holds
-- outputs: attendance.notices
-- parameters: %(district)s, %(date)s, %(now)s
update attendance.notices as n set state = case when n.state = 'held' then 'pending' else 'held' end
where
    n.district_id = %(district)s and n.date = %(date)s::date and n.state in ('pending', 'held')
    and n.expires_at > %(now)s::timestamptz
    and (n.state = 'pending') = exists (
        select from attendance.notice_holds as h
        where
            h.district_id = n.district_id and h.notice_id = n.notice_id and h.date = n.date
            and h.slot = n.slot and h.held_at is not null
            and (h.school_id = '' or n.events @> jsonb_build_array(jsonb_build_object('school_id', h.school_id)))
    )

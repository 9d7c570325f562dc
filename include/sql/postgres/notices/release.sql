-- purpose: a notice that waited for a person goes, for as many students as it showed
-- grain: notice x slot x school x cause
-- inputs: attendance.notices
-- outputs: attendance.notice_holds; returned rows (one a hold)
-- parameters: %(district)s, %(notice)s, %(date)s, %(slot)s, %(now)s
update attendance.notice_holds as h
set
    held_at = null, lapses_at = null, hold_reason = null,
    released_at = %(now)s::timestamptz,
    released_students = (
        select count(*)
        from attendance.notices as n
        where
            n.district_id = h.district_id and n.notice_id = h.notice_id and n.date = h.date and n.slot = h.slot
            and n.state in ('pending', 'held', 'taken', 'acknowledged')
            and (h.school_id = '' or n.events @> jsonb_build_array(jsonb_build_object('school_id', h.school_id)))
    )
where
    h.district_id = %(district)s and h.notice_id = %(notice)s and h.date = %(date)s::date and h.slot = %(slot)s
    and h.lapses_at > %(now)s::timestamptz
returning 1

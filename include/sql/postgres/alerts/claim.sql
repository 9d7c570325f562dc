-- purpose: claim the next alert that nobody has got, for one that delivers it now
-- grain: one row, or none
-- inputs: sync.alerts, sync.alert_deliveries
-- outputs: sync.alerts (tried_at); returned row
-- parameters: %(since)s: older ones are not worth a message any more; %(now)s
update sync.alerts as alerts
set tried_at = %(now)s
where
    alert_id = (
        select waiting.alert_id
        from sync.alerts as waiting
        where
            waiting.delivered_at is null and waiting.raised_at >= %(since)s
            -- one that is being sent right now is somebody else's
            and (waiting.tried_at is null or waiting.tried_at <= %(now)s::timestamptz - interval '2 minutes')
        -- what failed comes last: it may be the alert, not the server
        order by waiting.tried_at nulls first, waiting.raised_at, waiting.alert_id
        limit 1
        for update skip locked
    )
returning
    alert_id, kind, district_id as district, about, subject, body, html, items, raised_at, delivered_at, failure,
    (
        select coalesce(jsonb_object_agg(d.channel, d.failure), '{}')
        from sync.alert_deliveries as d
        where d.alert_id = alerts.alert_id
    ) as channels

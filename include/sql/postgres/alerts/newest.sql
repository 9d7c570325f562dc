-- purpose: the newest alerts
-- grain: alert
-- inputs: sync.alerts, sync.alert_deliveries
-- outputs: returned rows, newest first
-- parameters: %(district)s (null: all, the fleet's included), %(newest)s: how many
select
    alert_id, kind, district_id as district, about, subject, body, html, items, raised_at, delivered_at, failure,
    (
        select coalesce(jsonb_object_agg(d.channel, d.failure), '{}')
        from sync.alert_deliveries as d
        where d.alert_id = alerts.alert_id
    ) as channels
from sync.alerts as alerts
where %(district)s::text is null or district_id = %(district)s
order by raised_at desc, alert_id desc
limit %(newest)s

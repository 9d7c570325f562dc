-- purpose: the newest alerts
-- grain: alert
-- inputs: sync.alerts
-- outputs: returned rows, newest first
-- parameters: %(district)s (null: all, the fleet's included), %(newest)s: how many
select alert_id, kind, district_id, about, subject, body, raised_at, delivered_at, failure
from sync.alerts
where %(district)s::text is null or district_id = %(district)s
order by raised_at desc, alert_id desc
limit %(newest)s

-- purpose: the next alert that nobody has got, for one that delivers; locked until the transaction's end
-- grain: one row, or none
-- inputs: sync.alerts
-- outputs: returned row
-- parameters: %(since)s: older ones are not worth a message any more; %(before)s: later tries count
select alert_id, kind, district_id, about, subject, body, raised_at, delivered_at, failure
from sync.alerts
where
    delivered_at is null and raised_at >= %(since)s
    and (tried_at is null or tried_at < %(before)s)
order by raised_at, alert_id
limit 1
for update skip locked

-- purpose: keep that a channel took an alert, or why it did not
-- grain: alert and channel
-- inputs: none
-- outputs: sync.alert_deliveries
-- parameters: %(alert)s, %(channel)s, %(now)s, %(failure)s (null: delivered)
insert into sync.alert_deliveries (alert_id, channel, tried_at, failure)
values (%(alert)s, %(channel)s, %(now)s, %(failure)s)
on conflict (alert_id, channel) do update set
    tried_at = excluded.tried_at,
    failure = excluded.failure

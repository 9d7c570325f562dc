-- purpose: keep that an alert was delivered, or why it was not
-- grain: alert
-- inputs: none
-- outputs: sync.alerts
-- parameters: %(alert)s, %(now)s, %(failure)s (null: delivered)
update sync.alerts
set
    failure = %(failure)s,
    delivered_at = case when %(failure)s::text is null then %(now)s::timestamptz end
where alert_id = %(alert)s

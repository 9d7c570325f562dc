-- purpose: digests: what one tells, once a slot; and delivery of an alert channel by channel
-- grain: sync.alert_deliveries: alert and channel
-- inputs: sync.alerts
-- outputs: sync.alerts.html, sync.alerts.items, sync.alert_deliveries
-- parameters: none
alter table sync.alerts add column html text not null default '';        -- the same for a mail; empty: the body
alter table sync.alerts add column items text[] not null default '{}';   -- a digest's: what needs a person

create table sync.alert_deliveries (
    alert_id bigint not null references sync.alerts on delete cascade,
    channel text collate "C" not null,      -- email, or apprise and a connection's name; never a URL
    tried_at timestamptz not null,
    failure text,                           -- null: delivered
    primary key (alert_id, channel)
);

grant select, insert, update on sync.alert_deliveries to rostersync_loader;
grant select on sync.alert_deliveries to rostersync_reader, rostersync_operator;

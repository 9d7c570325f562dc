-- purpose: what people were alerted to: an outbox, written where it is found out, delivered by Airflow
-- grain: one row per thing that was told
-- inputs: none
-- outputs: sync.alerts
-- parameters: none

create table sync.alerts (
    alert_id bigint generated always as identity primary key,
    kind text not null,
    district_id text collate "C",       -- null: about the fleet
    about text collate "C" not null,    -- what is told once: a date, or a notice and its date
    subject text not null,
    body text not null,                 -- plain text without a value of a row
    raised_at timestamptz not null,
    tried_at timestamptz,
    failure text,                       -- why the last try to deliver it failed
    delivered_at timestamptz,
    unique nulls not distinct (kind, district_id, about)
);
create index alerts_to_deliver on sync.alerts (raised_at) where delivered_at is null;

grant select, insert, update on sync.alerts to rostersync_loader;
grant select on sync.alerts to rostersync_reader, rostersync_operator;

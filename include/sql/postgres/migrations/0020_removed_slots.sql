-- purpose: slots that a person takes out of the fold, and puts back
-- grain: see each table
-- inputs: sync.decisions
-- outputs: sync.decisions (actions remove_slot and restore_slot, applied), sync.removed_slots
-- parameters: none

alter table sync.decisions drop constraint decisions_action_check;
alter table sync.decisions add constraint decisions_action_check
check (action in ('approve', 'discard', 'restore', 'remove_slot', 'restore_slot'));
alter table sync.decisions add column applied jsonb;
alter table sync.decisions add constraint decisions_applied_check
check ((action = 'remove_slot') = (applied is not null));
comment on table sync.decisions is
'One row per decision about a hold, per restore, and per slot taken out or put back; never changed, never removed.';
comment on column sync.decisions.applied is
'of a slot taken out: the run, the pin and what was settled it was applied with, so that it can be put back';

create view sync.removed_slots with (security_invoker) as
select district_id, domain, slot, landing, applied, decided_by, reason, decided_at
from (
    select distinct on (district_id, domain, slot) *
    from sync.decisions
    where action in ('remove_slot', 'restore_slot')
    order by district_id, domain, slot, decision_id desc
) as newest
where action = 'remove_slot';
comment on view sync.removed_slots is 'One row per slot that is taken out of the fold.';
comment on column sync.removed_slots.landing is 'the landing that counted when it was taken out';
comment on column sync.removed_slots.applied is 'the run, the pin and what was settled it was applied with';
comment on column sync.removed_slots.decided_by is 'who took it out';

grant select on sync.removed_slots to rostersync_loader, rostersync_reader, rostersync_operator;

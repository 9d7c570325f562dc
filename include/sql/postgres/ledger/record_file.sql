-- purpose: a file's state and accounting in a run
-- grain: one row
-- inputs: none
-- outputs: sync.files
-- parameters: %(run_id)s, %(file)s, %(state)s, %(records)s, %(accepted)s, %(quarantined)s, %(duplicates)s, %(rejected)s
insert into sync.files
(run_id, file, state, records, accepted, quarantined, duplicates, rejected)
values (
    %(run_id)s, %(file)s, %(state)s, %(records)s, %(accepted)s, %(quarantined)s, %(duplicates)s,
    %(rejected)s
)

-- purpose: names in the uploads' folder that runs did not read
-- grain: run, rule and file (empty where no file is meant)
-- inputs: sync.findings
-- outputs: returned rows (run_id, rule, file, count, message)
-- parameters: %(run_ids)s
select
    run_id::text as run_id,
    rule,
    file,
    sum(record_count)::bigint as name_count,
    max(message) as message
from sync.findings
where
    run_id = any(%(run_ids)s::uuid[])
    and rule in (
        'file.domain.off', 'file.folder.crowded', 'file.name.near_miss', 'file.name.unfinished', 'file.name.unknown'
    )
group by run_id, rule, file

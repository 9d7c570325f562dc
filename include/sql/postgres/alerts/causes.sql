-- purpose: which rules stop the files of a run that loaded nothing
-- grain: file
-- inputs: sync.findings
-- outputs: returned rows (file, rules with their columns: "file.header.missing_column (last_name)")
-- parameters: %(run_id)s
select
    file,
    string_agg(distinct rule || coalesce(' (' || nullif(column_name, '') || ')', ''), ', ') as rules
from sync.findings
where run_id = %(run_id)s::uuid and severity = 'critical'
group by file

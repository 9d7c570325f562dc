-- purpose: by file, records in quarantine only for waived rules or for want of a way to reach the person
-- grain: file
-- inputs: quarantine
-- outputs: returned rows (file, count)
-- parameters: $rules (the waived ones)
select file, count(*) as record_count
from (
    select file, _line
    from quarantine
    group by file, _line
    having bool_and(rule = file || '.contact.unreachable' or list_contains($rules::varchar[], rule))
)
group by file

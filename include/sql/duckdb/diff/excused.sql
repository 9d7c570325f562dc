-- purpose: by file, records in quarantine only for waived rules, for want of a way to reach the person, or because
--   what they refer to may be in a file that did not come
-- grain: file
-- inputs: quarantine
-- outputs: returned rows (file, count)
-- parameters: $rules (the waived ones)
select file, count(*) as record_count
from (
    select file, _line
    from quarantine
    group by file, _line
    having
        bool_and(
            rule = file || '.contact.unreachable'
            or reason = 'unresolved'
            or list_contains($rules::varchar[], rule)
        )
)
group by file

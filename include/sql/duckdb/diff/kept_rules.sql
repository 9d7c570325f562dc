-- purpose: how many stored rows stay because of the records that break a rule: their keys cannot be read
-- grain: file x rule
-- inputs: found, kept_lines
-- outputs: returned rows (file, rule, kept)
-- parameters: none
select
    file,
    rule,
    case when bool_or(student_id is null and school_id is null) then max(kept) else sum(kept) end::bigint as kept
from (
    select distinct f.file, f.rule, k.student_id, k.school_id, k.kept
    from found as f
    inner join kept_lines as k on f.file = k.file and f._line = k._line
    where k.kept > 0
) as kept_scopes
group by file, rule

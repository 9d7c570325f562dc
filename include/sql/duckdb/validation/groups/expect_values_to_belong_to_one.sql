-- purpose: find records whose value is also another person's (or school's)
-- grain: record
-- inputs: <relation>
-- outputs: rows into found
-- parameters: relation, number (of the rule), column, kwargs (owner: columns that say whose record it is)
insert into found
select {{ number }}, t._line
from {{ relation | quote }} as t
semi join (
    select {{ column | quote }} as shared
    from {{ relation | quote }}
    where {{ column | quote }} is not null
    group by {{ column | quote }}
    having min(row({{ kwargs.owner | columns }})) is distinct from max(row({{ kwargs.owner | columns }}))
) as s on t.{{ column | quote }} = s.shared

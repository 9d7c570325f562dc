-- purpose: find the flagged records of groups in which more than one is flagged
-- grain: record
-- inputs: <relation>
-- outputs: rows into found
-- parameters: relation, rules (one: its number), kwargs (group, flag, of)
insert into found
select {{ rules[0].number }}, _line
from {{ relation | quote }}
where {{ kwargs.flag | quote }} = '1' and {{ kwargs.of | quote }} is not null
qualify
    min({{ kwargs.of | quote }}) over (partition by {{ kwargs.group | columns }})
    <> max({{ kwargs.of | quote }}) over (partition by {{ kwargs.group | columns }})

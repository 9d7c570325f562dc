-- purpose: find records that say something else than the first record of their group
-- grain: record
-- inputs: <relation>
-- outputs: rows into found
-- parameters: relation, rules (one: its number), kwargs (group, columns)
insert into found
select {{ rules[0].number }}, _line
from {{ relation | quote }}
where {% for g in kwargs.group %}{{ 'and ' if not loop.first }}{{ g | quote }} is not null {% endfor %}

qualify
    row({{ kwargs.columns | columns }})
    is distinct from first_value(row({{ kwargs.columns | columns }}))
        over (partition by {{ kwargs.group | columns }} order by _line)

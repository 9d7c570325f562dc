-- purpose: find records whose value is also another person's (or school's)
-- grain: rule, record
-- inputs: <relation>
-- outputs: rows into found
-- parameters: relation, rules (list of number, column), kwargs (owner: columns that say whose record it is)
insert into found
with held as not materialized (
    {% for r in rules %}
    {{ 'union all' if not loop.first }}
    select
        {{ r.number }} as rule_no,
        {{ r.column | quote }} as held_value,
        row({{ kwargs.owner | columns }}) as owner,
        _line
    from {{ relation | quote }}
    where {{ r.column | quote }} is not null
    {% endfor %}
)

select h.rule_no, h._line
from held as h
semi join (
    select rule_no, held_value
    from held
    group by rule_no, held_value
    having min(owner) is distinct from max(owner)
) as s on h.rule_no = s.rule_no and h.held_value = s.held_value

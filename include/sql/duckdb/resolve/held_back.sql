-- purpose: keys in quarantine tonight, and whether that freezes the stored row
-- grain: key of the main entity
-- inputs: rows_<file>, excluded, damaged_<entity>
-- outputs: held_back_<entity> (key columns, freezes)
-- parameters: file, entity, has_damaged (some ids of the file seem damaged)
create or replace table {{ ('held_back_' ~ entity.name) | quote }} as
select {{ entity.key | columns }}, bool_or(freezes) as freezes
from (
    -- a contact sent with no way to be reached is a decision; anything else is damage
    select {{ entity.key | columns('r') }}, not r.only_unreachable as freezes
    from {{ ('rows_' ~ file.name) | quote }} as r
    semi join (
        select _line from excluded where file = {{ file.name | literal }} and kind = 'quarantined'
    ) as x on r._line = x._line
    where r.readable
    {% if has_damaged %}
    union all
    select {{ entity.key | columns }}, true from {{ ('damaged_' ~ entity.name) | quote }}
    {% endif %}
)
group by {{ entity.key | columns }}

-- purpose: text for a migration: today's keys in a current table whose rows were stored by an earlier recipe
-- grain: key
-- inputs: <table>, <log>_today
-- outputs: <table> (the key, _first_slot)
-- parameters: entity
{% from 'postgres/draft/made_key.sql' import made_key %}
update {{ entity.table }}
set {{ entity.made.column | quote }} = {{ made_key(entity.made) }};
-- whom another took the place of under one key has gone, and the other came then
update {{ entity.table }} as c
set _first_slot = n.slot
from (
    select district_id, {{ entity.key | columns }}, max(slot) as slot
    from {{ entity.log_view }}
    where op = 'I'
    group by district_id, {{ entity.key | columns }}
) as n
where
    c.district_id = n.district_id and {{ entity.key | pairs('c', 'n') }}
    and c._first_slot <> n.slot;

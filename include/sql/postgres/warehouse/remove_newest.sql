-- purpose: take out of current what a new newest slot removes
-- grain: key
-- inputs: <log>
-- outputs: <table>
-- parameters: entity, %(district)s, %(slot)s
delete from {{ entity.table }} as c
using {{ entity.log_view }} as n
where
    n.district_id = %(district)s and n.slot = %(slot)s::{{ entity.slot_type }} and n.op = 'D'
    and c.district_id = %(district)s and {{ entity.key | pairs('c', 'n') }}

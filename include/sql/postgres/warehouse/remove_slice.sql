-- purpose: take a slot's slice out of the change log; its keys are remembered before (touch_slice.sql)
-- grain: key
-- inputs: <log>
-- outputs: <log> without the slice
-- parameters: entity, %(district)s, %(slot)s
delete from {{ entity.log_table }}
where district_id = %(district)s and slot = %(slot)s::{{ entity.slot_type }}

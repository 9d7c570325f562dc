-- purpose: add the keys of current rows that nobody can have loaded, whatever their columns say
-- grain: key
-- inputs: <table>, sync.slots
-- outputs: touched_<entity>
-- parameters: entity, %(district)s, %(domain)s, %(newest)s (the newest slot loaded, or null)
insert into {{ ('touched_' ~ entity.name) | quote }}
select {{ entity.key | columns }}
from {{ entity.table }}
where
    district_id = %(district)s
    and (
        _run_id not in (
            select run_id from sync.slots where district_id = %(district)s and domain = %(domain)s
        )
        or _changed_slot > %(newest)s::{{ entity.slot_type }}
    )

-- purpose: which entities have a slice of this slot in the change log
-- grain: entity
-- inputs: <log> of each entity
-- outputs: returned rows (name)
-- parameters: entities, %(district)s, %(slot)s
{% for e in entities %}
select '{{ e.name }}'
where exists (select from {{ e.log_table }} where district_id = %(district)s and slot = %(slot)s::{{ e.slot_type }})
{{ 'union all' if not loop.last else '' }}
{% endfor %}

-- purpose: bring current from state(N-1) to state(N) when N is a new newest slot: its slice is the delta
-- grain: key
-- inputs: incoming_<entity>
-- outputs: <table>
-- parameters: entity, %(district)s, %(slot)s, %(run_id)s, %(sha256)s
merge into {{ entity.table }} as c
using {{ ('incoming_' ~ entity.name) | quote }} as i
on c.district_id = %(district)s and {{ entity.key | pairs('c', 'i') }}
when matched and i.op = 'D' then delete
when matched then update set
    {% for c in entity.values %}
    {{ c.name | quote }} = i.{{ c.name | quote }},
    {% endfor %}
    _run_id = %(run_id)s::uuid,
    _file_sha256 = case when i._line is not null then %(sha256)s end, _line = i._line,
    _changed_slot = %(slot)s::{{ entity.slot_type }}
when not matched and i.op <> 'D' then insert
(district_id, {{ entity.columns | columns }}, _run_id, _file_sha256, _line, _first_slot, _changed_slot)
values (
    %(district)s, {{ entity.columns | columns('i') }},
    %(run_id)s::uuid, case when i._line is not null then %(sha256)s end, i._line,
    %(slot)s::{{ entity.slot_type }}, %(slot)s::{{ entity.slot_type }}
)

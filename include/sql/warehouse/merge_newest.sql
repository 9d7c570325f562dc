-- purpose: bring current from state(N-1) to state(N) when N is a new newest slot: its slice is the delta
-- grain: key
-- inputs: <log>
-- outputs: <table>
-- parameters: entity, %(district)s, %(slot)s
merge into {{ entity.table }} as c
using (
    select *
    from {{ entity.log_table }}
    where district_id = %(district)s and slot = %(slot)s::{{ entity.slot_type }}
) as n
on c.district_id = %(district)s and {{ entity.key | pairs('c', 'n') }}
when matched and n.op = 'D' then delete
when matched then update set
    {% for c in entity.values %}
    {{ c.name | quote }} = n.{{ c.name | quote }},
    {% endfor %}
    _run_id = n._run_id, _file_sha256 = n._file_sha256, _line = n._line, _changed_slot = n.slot
when not matched and n.op <> 'D' then insert
(district_id, {{ entity.columns | columns }}, _run_id, _file_sha256, _line, _first_slot, _changed_slot)
values (
    %(district)s, {{ entity.columns | columns('n') }},
    n._run_id, n._file_sha256, n._line, n.slot, n.slot
)

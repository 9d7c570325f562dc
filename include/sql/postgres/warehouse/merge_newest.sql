-- purpose: bring current from state(N-1) to state(N) when N is a new newest slot, but for what it removes
-- grain: key
-- inputs: <log>
-- outputs: <table>
-- parameters: entity, %(district)s, %(slot)s
insert into {{ entity.table }} as c
(district_id, {{ entity.columns | columns }}, _run_id, _file_sha256, _line, _first_slot, _changed_slot)
select
    district_id, {{ entity.columns | columns }}, _run_id, _file_sha256, _line, slot, slot
from {{ entity.log_view }}
where district_id = %(district)s and slot = %(slot)s::{{ entity.slot_type }} and op <> 'D'
on conflict (district_id, {{ entity.key | columns }}) do update set
    {% for c in entity.values %}
    {{ c.name | quote }} = excluded.{{ c.name | quote }},
    {% endfor %}
    _run_id = excluded._run_id, _file_sha256 = excluded._file_sha256, _line = excluded._line,
    _changed_slot = excluded._changed_slot

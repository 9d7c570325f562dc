-- purpose: write slice(N) to the change log; a row that a restore brought back is in no file
-- grain: key
-- inputs: incoming_<entity>
-- outputs: <log>
-- parameters: entity, %(district)s, %(slot)s, %(run_id)s, %(sha256)s
insert into {{ entity.log_table }}
(district_id, slot, op, {{ entity.columns | columns }}, _run_id, _file_sha256, _line)
select
    %(district)s, %(slot)s::{{ entity.slot_type }}, op, {{ entity.columns | columns }},
    %(run_id)s::uuid, case when _line is not null then %(sha256)s end, _line
from {{ ('incoming_' ~ entity.name) | quote }}

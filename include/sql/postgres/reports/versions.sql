-- purpose: every version of one row, oldest first: what changed, and where each came from
-- grain: slot
-- inputs: <log>, sync.slots
-- outputs: returned rows (slot, op, names of the columns that changed, {column: [before, after]} or null,
--   run, landing, file's sha256, line, when the slot was applied)
-- parameters: entity, %(district)s, %(domain)s, %(key)s (the key's values as text, in key order),
--   %(with_values)s (false: names of columns only)
with versions as (
    select
        l.*,
        {% for c in entity.values + entity.former %}
        lag(l.{{ c.name | quote }}::text) over by_slot as was_{{ loop.index }},
        {% endfor %}
        l.slot::text as slot_text
    from {{ entity.log_view }} as l
    where
        l.district_id = %(district)s
        {% for c in entity.key_columns %}
        and l.{{ c.name | quote }} = (%(key)s::text[])[{{ loop.index }}]::{{ c.warehouse_type }}
        {% endfor %}
    window by_slot as (order by l.slot)
)

select
    coalesce(s.slot, v.slot_text) as slot,
    v.op,
    array_remove(array[
        {% for c in entity.values + entity.former %}
        case
            when v.op = 'U' and v.{{ c.name | quote }}::text is distinct from v.was_{{ loop.index }}
                then {{ c.name | literal }}
        end{{ ',' if not loop.last }}
        {% endfor %}
    ]::text[], null) as changed,
    case when %(with_values)s::boolean then json_build_object(
        {% for c in entity.values + entity.former %}
        {{ c.name | literal }},
        json_build_array(v.was_{{ loop.index }}, v.{{ c.name | quote }}::text){{ ',' if not loop.last }}
        {% endfor %}
    ) end as moved,
    v._run_id::text as run_id,
    s.landing,
    v._file_sha256 as sha256,
    v._line as line,
    s.applied_at
from versions as v
left join sync.slots as s
    on
        s.district_id = %(district)s and s.domain = %(domain)s
        and s.slot::{{ entity.slot_type }} = v.slot
order by v.slot

-- purpose: text for a migration: the change log in today's keys, where a key is made by another recipe than before
-- grain: slot x key
-- inputs: <log>
-- outputs: <log>_today
-- parameters: entity
{% from 'postgres/draft/made_key.sql' import made_key %}
{% set key = '"' ~ entity.made.column ~ '"' %}
{% set place = ['district_id'] + (entity.key | reject('equalto', entity.made.column) | list) %}
-- The log keeps its rows as they were written. A former key is the value alone, without white space; it may
-- have been of one kind of identity first and of another later, and is of one person at a time.
create view {{ entity.log_view }} with (security_invoker) as
with keyed as not materialized (
    select
        *,
        position(' ' in {{ key }}) = 0 as is_former,
        substr({{ key }}, position(' ' in {{ key }}) + 1) as value,
        (case
            when op <> 'D' then {{ made_key(entity.made) | indent(12) }}
            when position(' ' in {{ key }}) > 0 then {{ key }}
        end) collate "C" as today
    from {{ entity.log_table }}
),

ended as not materialized (
    -- a version ends with the next of its person, and with the next that was written under the former key
    select
        *,
        least(
            lead(slot) over (partition by {{ place | columns }}, today order by slot),
            min(slot) filter (where is_former) over (
                partition by {{ place | columns }}, value order by slot
                rows between 1 following and unbounded following
            )
        ) as until
    from keyed
),

linked as not materialized (
    select
        *,
        lag(until) over person as until_before,
        lag(op) over person as op_before
    from ended
    window person as (partition by {{ place | columns }}, today order by slot)
)

select
    district_id, slot,
    case
        when op = 'U' and is_former and (op_before = 'D' or until_before is distinct from slot) then 'I'::"char"
        else op
    end as op,
    {% for c in entity.logged %}
    {{ 'today as ' if c.name == entity.made.column }}{{ c.name | quote }},
    {% endfor %}
    _run_id, _file_sha256, _line
from linked
where op <> 'D' or not is_former
union all
-- whom a removal under the former key removed, and whom another person took the place of
select
    e.district_id, f.slot, 'D'::"char",
    {% for c in entity.logged %}
    {% if c.name == entity.made.column %}
    e.today,
    {% elif c.name in entity.key %}
    e.{{ c.name | quote }},
    {% else %}
    null,
    {% endif %}
    {% endfor %}
    f._run_id, null, null
from ended as e
inner join keyed as f
    on
        {% for k in ['district_id'] + (entity.key | list) if k != entity.made.column %}
        e.{{ k | quote }} = f.{{ k | quote }} and
        {% endfor %}
        e.value = f.value and e.until = f.slot
where e.op <> 'D' and f.is_former and (f.op = 'D' or f.today <> e.today);
grant select on {{ entity.log_view }} to rostersync_loader, rostersync_reader, rostersync_operator;
comment on view {{ entity.log_view }} is
    'One row per slot and row of {{ entity.table }} added (op I), changed (U) or removed (D), in today''s keys.';

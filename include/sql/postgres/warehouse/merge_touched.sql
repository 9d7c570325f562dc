-- purpose: after slices were rewritten, make current say what the log says: each key's newest version
-- grain: key
-- inputs: touched_<entity>, <log>
-- outputs: <table>
-- parameters: entity, %(district)s
merge into {{ entity.table }} as c
using (
    select
        {{ entity.key | columns('t') }}, v.op,
        {% for c in entity.values %}
        v.{{ c.name | quote }},
        {% endfor %}
        v._run_id, v._file_sha256, v._line, v.slot,
        v.first_slot
    from (select distinct {{ entity.key | columns }} from {{ ('touched_' ~ entity.name) | quote }}) as t
    left join (
        select distinct on ({{ entity.key | columns('l') }})
            l.*,
            max(l.slot) filter (where l.op = 'I') over (partition by {{ entity.key | columns('l') }})
                as first_slot
        from {{ entity.log_view }} as l
        where
            l.district_id = %(district)s
            and ({{ entity.key | columns('l') }})
            in (select {{ entity.key | columns }} from {{ ('touched_' ~ entity.name) | quote }})
        order by {{ entity.key | columns('l') }}, l.slot desc
    ) as v on {{ entity.key | pairs('t', 'v') }}
) as n
on c.district_id = %(district)s and {{ entity.key | pairs('c', 'n') }}
when matched and (n.op is null or n.op = 'D') then delete
when matched then update set
    {% for c in entity.values %}
    {{ c.name | quote }} = n.{{ c.name | quote }},
    {% endfor %}
    _run_id = n._run_id, _file_sha256 = n._file_sha256, _line = n._line,
    _first_slot = n.first_slot, _changed_slot = n.slot
when not matched and n.op <> 'D' then insert
(district_id, {{ entity.columns | columns }}, _run_id, _file_sha256, _line, _first_slot, _changed_slot)
values (
    %(district)s, {{ entity.columns | columns('n') }},
    n._run_id, n._file_sha256, n._line, n.first_slot, n.slot
)

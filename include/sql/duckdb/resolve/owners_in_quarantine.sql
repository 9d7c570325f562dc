-- purpose: where the records in quarantine are that others would refer to: what stands in the way of these
-- grain: file
-- inputs: rows_<file>, excluded, rows_<owner> and the relation that has the keys of each reference, people_contacts and
--   people_in_quarantine (of members)
-- outputs: returned rows (file, count of records, the first lines)
-- parameters: file, waited_for (references, each with the relation that has its keys and the file of its owner),
--   by_contact (its records may refer to somebody by an email or mobile alone), most (lines)
with waiting as (
    select *
    from {{ ('rows_' ~ file.name) | quote }}
    where
        _line in (
            select _line
            from excluded
            where file = {{ file.name | literal }} and reason = 'parent_quarantined'
        )
),

found as (
    {% for reference, known, owner in waited_for %}
    {{ 'union' if not loop.first }}
    select {{ owner | literal }} as file, o._line
    from waiting as n
    anti join {{ known | quote }} as s on
        {% for c in reference.columns %}
        {{ 'and' if not loop.first }} n.{{ c | quote }} = s.{{ reference.to[loop.index0] | quote }}
        {% endfor %}
    inner join {{ ('rows_' ~ owner) | quote }} as o on
        {% for c in reference.columns %}
        {{ 'and' if not loop.first }} n.{{ c | quote }} = o.{{ reference.to[loop.index0] | quote }}
        {% endfor %}
    where
        o._line in (
            select _line from excluded where file = {{ owner | literal }} and kind = 'quarantined'
        )
    {% endfor %}
    {% if by_contact %}
    {{ 'union' if waited_for }}
    select q.file, q._line
    from waiting as n
    inner join people_in_quarantine as q on coalesce(lower(n.email), n.mobile) = q.contact
    where
        n.staff_id is null
        and n.parent_id is null
        and q.contact not in (select contact from people_contacts)
    {% endif %}
)

select file, count(*) as record_count, min(_line, {{ most }}) as first_lines
from found
group by file
order by file

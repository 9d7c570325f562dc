-- purpose: keep out the records of one key that differ, of those with no other error: nothing can guess
-- grain: _line
-- inputs: lines_<file> (duplicates are out already), crowded_<file>
-- outputs: rows into excluded
-- parameters: file, key, contents (columns that must agree on one key), places (columns that may differ
--   between a person's rows at several schools: school_id first; else empty), conflict_rule
insert into excluded
select {{ file.name | literal }}, _line, 'quarantined', {{ conflict_rule | literal }}, 'conflicting_duplicate'
from (
    select
        n._line,
        {% if places %}
        (
            min(row({{ contents | columns('n') }})) over same_key
            is distinct from max(row({{ contents | columns('n') }})) over same_key
        )
        or count(*) over same_place > 1
            as conflicting
        {% else %}
        count(*) over same_key > 1 as conflicting
        {% endif %}
    from {{ ('lines_' ~ file.name) | quote }} as n
    semi join {{ ('crowded_' ~ file.name) | quote }} as c on {{ key | pairs('n', 'c') }}
    window
        same_key as (partition by {{ key | columns('n') }}){{ ',' if places }}
        {% if places %}
        same_place as (partition by {{ (key + places[:1]) | columns('n') }})
        {% endif %}
) as judged
where conflicting

-- purpose: keep out the records whose id seems damaged, each for the column that is
-- grain: _line x column of the key
-- inputs: damaged_<entity>
-- outputs: rows into excluded
-- parameters: file, entity
insert into excluded
select distinct
    {{ file.name | literal }},
    d._line,
    'quarantined',
    {{ (entity.name ~ '.') | literal }} || d.damaged || '.damaged',
    'id_damaged'
from (
    select
        _line,
        unnest([
            {% for k in entity.key %}
            {# of a namesake without an id only the way to reach it was damaged, and nothing new is known #}
            {% set differs = 'is distinct from' if k == 'contact_key' else '<>' %}
            case
                when {{ k | quote }} {{ differs }} {{ ('new_' ~ k) | quote }} then {{ k | literal }}
            end{{ ',' if not loop.last }}
            {% endfor %}
        ]) as damaged
    from {{ ('damaged_' ~ entity.name) | quote }}
) as d
where
    d.damaged is not null
    and d._line not in (select _line from excluded where file = {{ file.name | literal }})

-- purpose: every email and mobile of staff and parent records that are in quarantine tonight
-- grain: record x value
-- inputs: rows_<file>, excluded
-- outputs: people_in_quarantine (file, _line, contact)
-- parameters: files (names of those, of staff and parents, that have records tonight)
create table people_in_quarantine as
select null::varchar as file, null::bigint as _line, null::varchar as contact where false
{% for file in files %}
{% for contact in ('lower(email)', 'mobile') %}
union all
select {{ file | literal }}, _line, {{ contact }}
from {{ ('rows_' ~ file) | quote }}
where
    {{ contact }} is not null
    and _line in (select _line from excluded where file = {{ file | literal }} and kind = 'quarantined')
{% endfor %}
{% endfor %}

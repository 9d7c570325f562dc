-- purpose: a file's records that cannot be read, and the last one, which may be cut
-- grain: _line
-- inputs: unreadable_<file> (where there are some)
-- outputs: rejects_<file> (_line, rule, detail)
-- parameters: file, line (of the last record), rule, has_unread
create or replace view {{ ('rejects_' ~ file.name) | quote }} as
select
    {{ line }}::bigint as _line,
    {{ rule | literal }} as rule,
    'the last record, and no line end after it' as detail
{% if has_unread %}
union all
select _line, rule, detail
from {{ ('unreadable_' ~ file.name) | quote }}
where _line <> {{ line }}
{% endif %}

-- purpose: within what nothing is removed, because some quarantined record's key cannot be read
-- grain: one row per distinct scope; (null, null) means the whole entity
-- inputs: unread_<file>, rejects_<file>
-- outputs: unidentified_<file> (student_id, school_id)
-- parameters: file, has_rejects
create or replace table {{ ('unidentified_' ~ file.name) | quote }} as
select distinct
    student_id,
    school_id
from {{ ('unread_' ~ file.name) | quote }}
{% if has_rejects %}
-- of a record that is not split into fields nothing is known
union
select null, null from {{ ('rejects_' ~ file.name) | quote }}
{% endif %}

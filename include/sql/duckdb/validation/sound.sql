-- purpose: the cleaned records that broke no error rule by themselves: what rules about contacts and groups look at
-- grain: record
-- inputs: <source>, found, rules
-- outputs: sound_<file>
-- parameters: file, source (the cleaned records), broken (false: every record is sound), kind (table or view)
create or replace {{ kind }} {{ ('sound_' ~ file) | quote }} as
select s.*
from {{ source | quote }} as s
{% if broken %}
anti join (
    select f._line
    from found as f
    inner join rules as r on f.rule_no = r.rule_no
    where r.file = {{ file | literal }} and r.phase = 'value' and r.severity <> 'warning'
) as b on s._line = b._line
{% endif %}

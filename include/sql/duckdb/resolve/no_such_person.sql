-- purpose: keep out group members told by email or mobile alone that no staff member or parent has
-- grain: _line
-- inputs: lines_group_user_members, people_contacts, people_in_quarantine
-- outputs: rows into excluded
-- parameters: did_come (both their files brought records: else nobody can say)
insert into excluded
select
    'group_user_members',
    n._line,
    'quarantined',
    {% if did_come %}
    case when q.contact is null then 'group_user_members.person.known' else 'file.record.parent_quarantined' end,
    case when q.contact is null then 'orphan' else 'parent_quarantined' end
    {% else %}
    'file.record.unresolved',
    'unresolved'
    {% endif %}
from lines_group_user_members as n
{% if did_come %}
left join (select distinct contact from people_in_quarantine) as q on coalesce(lower(n.email), n.mobile) = q.contact
{% endif %}
where
    n.staff_id is null
    and n.parent_id is null
    -- not by member_key: a long one is a hash
    and coalesce(lower(n.email), n.mobile) not in (select contact from people_contacts)

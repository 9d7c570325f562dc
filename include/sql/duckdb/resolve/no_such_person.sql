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
    'group_user_members.person.known',
    case
        when coalesce(lower(n.email), n.mobile) in (select contact from people_in_quarantine)
            then 'parent_quarantined'
        else 'orphan'
    end
    {% else %}
    'file.record.unresolved',
    'unresolved'
    {% endif %}
from lines_group_user_members as n
where
    n.staff_id is null
    and n.parent_id is null
    -- not by member_key: a long one is a hash
    and coalesce(lower(n.email), n.mobile) not in (select contact from people_contacts)

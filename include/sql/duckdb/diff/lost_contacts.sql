-- purpose: a name for the list of who last had the values that members are known by and nobody has
-- grain: one row
-- inputs: lost_contacts
-- outputs: returned row (name: 32 hex digits)
-- parameters: none
select
    md5(string_agg(row_text, chr(1) order by row_text)) as name
from (
    select concat_ws(
        chr(0),
        is_email,
        contact,
        coalesce(staff_id, chr(0) || 'n'),
        coalesce(parent_id, chr(0) || 'n'),
        coalesce(student_id, chr(0) || 'n'),
        coalesce(contact_key, chr(0) || 'n')
    ) as row_text
    from lost_contacts
) as named

-- purpose: group members known by an email or mobile that is nobody's any more go, unless who had it is still sent with
--   an invalid one in that column: nobody can tell then
-- grain: key
-- inputs: <relation>, people_contacts, last_contacts, carried_<people>, rows_<people>, findings
-- outputs: <relation> without them
-- parameters: relation (carried_group_user_members, or held_group_user_members: of that, removals), held (it is the
--   latter), with_rows (names of those, of staff and parents, that have records tonight)
delete from {{ relation | quote }} as c
where
    c.staff_id is null
    and c.parent_id is null
    {% if held %}
    and c.op = 'D'
    {% endif %}
    and coalesce(lower(c.email), c.mobile) not in (select contact from people_contacts)
    and not exists (
        select 1
        from last_contacts as l
        where
            l.contact = coalesce(lower(c.email), c.mobile)
            and (
                -- of who is carried tonight's file says nothing
                l.staff_id in (select p.staff_id from carried_staff as p)
                or exists (
                    select 1
                    from carried_parents as p
                    where
                        l.parent_id = p.parent_id
                        or l.student_id = p.student_id and l.contact_key = p.contact_key
                )
                {% for people in with_rows %}
                or exists (
                    select 1
                    from {{ ('rows_' ~ people) | quote }} as p
                    inner join findings as f on p._line = f._line
                    where
                        {% if people == 'staff' %}
                        l.staff_id = p.staff_id
                        {% endif %}
                        {% if people == 'parents' %}
                        (
                            l.parent_id = p.parent_id
                            or l.student_id = p.student_id and l.contact_key = p.contact_key
                        )
                        {% endif %}
                        and not p.left_out
                        and f.file = {{ people | literal }}
                        and f.rule
                        = {{ people | literal }} || case when l.is_email then '.email.valid' else '.mobile.valid' end
                )
                {% endfor %}
            )
    )

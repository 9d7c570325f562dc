-- purpose: contacts whose key alone is another: by a namesake who came or left, or by a parent_id
-- grain: key of a row that is added or removed
-- inputs: moved_parents, prev_parents, <came>
-- outputs: renamed_parents (op, student_id, contact_key)
-- parameters: came (a relation that has the rows that are added: state_parents, or the smaller changes_parents)
{% from 'duckdb/resolve/same_contact.sql' import same_contact %}
create or replace table renamed_parents as
with crossing as (
    -- only children of whom a contact comes and a contact goes
    select student_id
    from moved_parents
    group by student_id
    having bool_or(op = 'D') and bool_or(op = 'I')
),

told as (
    {% for op, relation in (('D', 'prev_parents'), ('I', came)) %}
    {{ 'union all' if not loop.first }}
    select
        m.op, m.student_id, m.contact_key, r.first_name, r.last_name, r.email, r.mobile
    from {{ relation | quote }} as r
    inner join moved_parents as m on r.student_id = m.student_id and r.contact_key = m.contact_key
    where m.op = {{ op | literal }} and r.student_id in (select student_id from crossing)
    {% endfor %}
),

same as (
    select d.student_id, d.contact_key as former_key, i.contact_key
    from told as d
    inner join told as i on d.op = 'D' and i.op = 'I' and {{ same_contact('d', 'i') }}
)

select distinct 'D' as op, student_id, former_key as contact_key from same
union
select 'I', student_id, contact_key from same

-- purpose: a contact whose key alone is another keeps the stored row while the new one waits: no limit counts either,
--   so no tie says so
-- grain: key
-- inputs: prev_parents, accepted_parents, carried_parents, held_parents
-- outputs: rows into held_parents (removals)
-- parameters: entity (parents)
{% from 'duckdb/resolve/same_contact.sql' import same_contact %}
insert into held_parents (op, _scope, {{ entity.columns | columns }})
with coming as (
    select a.*, h.student_id is not null as waits
    from accepted_parents as a
    anti join prev_parents as p on {{ entity.key | pairs('a', 'p') }}
    left join held_parents as h on h.op = 'I' and {{ entity.key | pairs('a', 'h') }}
),

going as (
    select p.*
    from prev_parents as p
    anti join accepted_parents as a on {{ entity.key | pairs('p', 'a') }}
    anti join carried_parents as c on {{ entity.key | pairs('p', 'c') }}
    anti join held_parents as h on {{ entity.key | pairs('p', 'h') }}
    where p.student_id in (select student_id from coming where waits)
)

select 'D', g.school_id, {{ entity.columns | columns('g') }}
from going as g
inner join coming as c on {{ same_contact('g', 'c') }}
group by all
having bool_and(c.waits)

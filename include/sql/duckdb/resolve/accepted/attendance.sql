-- purpose: the events of the file
-- grain: key
-- inputs: lines_attendance, crowded_attendance
-- outputs: accepted_attendance (_line, contract columns)
-- parameters: entity
create or replace table accepted_attendance as
with repeated as (
    -- a record of the wide layout may repeat an event of another one and bring a second of its own
    select min(n._line) as first_line, {{ entity.key | columns('n') }}
    from lines_attendance as n
    semi join crowded_attendance as c on {{ entity.key | pairs('n', 'c') }}
    where n.code is not null
    group by {{ entity.key | columns('n') }}
)

select n._line, {{ entity.columns | columns('n') }}
from lines_attendance as n
left join repeated as r on {{ entity.key | pairs('n', 'r') }}
where n.code is not null and (r.first_line is null or r.first_line = n._line)

-- purpose: what the slice of a school that is unsent holds: how many students, and a name for them
-- grain: one row
-- inputs: held_students, held_student_schools
-- outputs: returned row (count, sums of the lower and upper halves of the keys' hashes)
-- parameters: $scope (the school's id)
select
    count(*) as row_count,
    {% for half in ('lower', 'upper') %}
    coalesce(sum(md5_number_{{ half }}(student_id)::hugeint), 0){{ ',' if loop.first else '' }}
    {% endfor %}
from (
    -- some are at home there, some at another school
    select student_id from held_students where op = 'G' and _scope = $scope
    union
    select student_id from held_student_schools where op = 'G' and _scope = $scope
) as held

-- purpose: what one held slice holds: how many rows, and a name for their keys
-- grain: one row
-- inputs: held_<entity>
-- outputs: returned row (count, sums of the lower and upper halves of the keys' hashes)
-- parameters: $kind, $scope (a school's id; '' is the district), entity
select
    count(*) as row_count,
    {% for half in ('lower', 'upper') %}
    coalesce(sum(md5_number_{{ half }}(concat_ws(chr(0), op
        {% for k in entity.key %}, {{ k | quote }}::varchar{% endfor %}))::hugeint), 0){{ ',' if loop.first else '' }}
    {% endfor %}
from {{ ('held_' ~ entity.name) | quote }}
where
    case op
        when 'D' then 'removed' when 'I' then 'added' when 'R' then 'reused' when 'G' then 'unsent'
        when 'O' then 'outside' else 'changed'
    end = $kind
    and ($scope = '' or _scope = $scope)

-- purpose: the records with a code that is not in the district's list
-- grain: _line
-- inputs: lines_<file>, unlisted_codes
-- outputs: returned rows (_line)
-- parameters: file, is_near (codes that are in the list but for case, or the others)
select distinct n._line
from {{ ('lines_' ~ file.name) | quote }} as n
semi join unlisted_codes as u on n.code = u.code and u.is_near = {{ is_near }}

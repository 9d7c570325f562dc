-- purpose: which files validation found something in: of the others there is nothing to ask
-- grain: file
-- inputs: findings
-- outputs: returned rows (file, error findings)
-- parameters: none
select file, count(*) filter (where severity = 'error') as error_count
from findings
group by file

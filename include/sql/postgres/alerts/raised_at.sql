-- purpose: when an alert was raised
-- grain: one row, or none
-- inputs: sync.alerts
-- outputs: returned row
-- parameters: %(kind)s, %(district)s (null: the fleet), %(about)s
select raised_at
from sync.alerts
where kind = %(kind)s and district_id is not distinct from %(district)s and about = %(about)s

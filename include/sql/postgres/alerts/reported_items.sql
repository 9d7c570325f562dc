-- purpose: what the digests of a slot have reported already
-- grain: item
-- inputs: sync.alerts
-- outputs: returned rows (item)
-- parameters: %(district)s, %(slot)s (domain and slot, as digests begin their subject matter)
select distinct unnest(items)
from sync.alerts
where kind = 'digest' and district_id = %(district)s and starts_with(about, %(slot)s)

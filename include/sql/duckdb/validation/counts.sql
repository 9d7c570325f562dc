-- purpose: how many records the locator found per rule
-- grain: rule
-- inputs: found
-- outputs: returned rows (rule_no, count)
-- parameters: none
select rule_no, count(*) as record_count
from found
group by rule_no

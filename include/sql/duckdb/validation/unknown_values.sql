-- purpose: the values a district's map lacks, most frequent first (for columns marked non-personal only)
-- grain: value
-- inputs: <relation>, found
-- outputs: returned rows (value cut to 40 characters, count)
-- parameters: $number (of the rule), $most; relation, column
select left(s.{{ column | quote }}, 40) as sent, count(*) as record_count
from found as f
inner join {{ relation | quote }} as s on f._line = s._line
where f.rule_no = $number
group by sent
order by record_count desc, sent
limit $most

-- purpose: the months of which a table of the ledger has rows of a district
-- grain: one month, YYYY-MM; one row '' for a table that is copied whole
-- inputs: <table>, <parent>
-- outputs: month
-- parameters: table, month (an expression, or none), parent (a table and the column both have, or none); %(district)s
select distinct {{ month or "''" }} as month
from {{ table }} as t
{% if parent %}
inner join {{ parent[0] }} as r on t.{{ parent[1] }} = r.{{ parent[1] }}
{% endif %}
where {{ "r" if parent else "t" }}.district_id = %(district)s
order by month

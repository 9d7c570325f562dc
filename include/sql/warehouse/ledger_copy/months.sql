-- purpose: the months of which a table of the ledger has rows of a district
-- grain: one month, YYYY-MM; one row '' for a table that is copied whole
-- inputs: <table>, sync.runs (a run's month is its files' and findings')
-- outputs: month
-- parameters: table, month (an expression, or none), of_run; %(district)s
select distinct {{ month or "''" }} as month
from {{ table }} as t
{% if of_run %}
inner join sync.runs as r on t.run_id = r.run_id
{% endif %}
where {{ "r" if of_run else "t" }}.district_id = %(district)s
order by month

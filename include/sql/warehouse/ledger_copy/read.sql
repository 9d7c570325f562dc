-- purpose: a district's rows of one table of the ledger, of a month or all, for its copy in the archive
-- grain: as the table
-- inputs: <table>, sync.runs
-- outputs: the client's stream, CSV with a header
-- parameters: table, month (an expression, or none), of_run; %(district)s, %(month)s
copy (
    select t.*
    from {{ table }} as t
{% if of_run %}
    inner join sync.runs as r on t.run_id = r.run_id
{% endif %}
    where
        {{ "r" if of_run else "t" }}.district_id = %(district)s
        and {{ month or "''" }} = %(month)s
) to stdout with (format csv, header)

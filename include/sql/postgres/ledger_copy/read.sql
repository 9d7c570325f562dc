-- purpose: a district's rows of one table of the ledger, of a month or all, for its copy in the archive
-- grain: as the table
-- inputs: <table>, <parent>
-- outputs: the client's stream, CSV with a header
-- parameters: table, month (an expression, or none), parent (a table and the column both have, or none);
--   %(district)s, %(month)s
copy (
    select t.*
    from {{ table }} as t
{% if parent %}
    inner join {{ parent[0] }} as r on t.{{ parent[1] }} = r.{{ parent[1] }}
{% endif %}
    where
        {{ "r" if parent else "t" }}.district_id = %(district)s
        and {{ month or "''" }} = %(month)s
) to stdout with (format csv, header)

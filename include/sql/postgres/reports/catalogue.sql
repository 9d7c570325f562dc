-- purpose: the warehouse's tables and views as the catalogue has them, for docs/warehouse.md
-- grain: table or view x column, in the order of the columns
-- inputs: pg_catalog
-- outputs: schema_name, relation, kind (table, view), purpose, column_name, type, is_key, meaning
-- parameters: none
select
    n.nspname as schema_name,
    c.relname as relation,
    case when c.relkind = 'v' then 'view' else 'table' end as kind,
    obj_description(c.oid, 'pg_class') as purpose,
    a.attname as column_name,
    format_type(a.atttypid, a.atttypmod) as type,
    coalesce(a.attnum = any(i.indkey::int2[]), false) as is_key,
    col_description(c.oid, a.attnum) as meaning
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
left join pg_catalog.pg_index as i on c.oid = i.indrelid and i.indisprimary
where
    c.relkind in ('r', 'p', 'v', 'm')
    and n.nspname not in ('pg_catalog', 'information_schema', 'public')
    and n.nspname not like 'pg\_%%'
    and a.attnum > 0
    and not a.attisdropped
order by n.nspname, c.relname, a.attnum

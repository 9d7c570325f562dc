-- purpose: the warehouse's functions as the catalogue has them, for docs/warehouse.md
-- grain: function
-- inputs: pg_catalog
-- outputs: schema_name, function, arguments, result, purpose
-- parameters: none
select
    n.nspname as schema_name,
    p.proname as function,
    pg_get_function_arguments(p.oid) as arguments,
    pg_get_function_result(p.oid) as result,
    obj_description(p.oid, 'pg_proc') as purpose
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
where
    n.nspname not in ('pg_catalog', 'information_schema', 'public')
    and n.nspname not like 'pg\_%%'
order by n.nspname, p.proname

-- purpose: the schemas and the three group roles (no login; people and services are granted one)
-- grain: none
-- inputs: none
-- outputs: schemas roster, roster_log, roster_history, sync; roles rostersync_loader, _reader, _operator
-- parameters: none
do $$
declare
    role_name text;
begin
    foreach role_name in array array['rostersync_loader', 'rostersync_reader', 'rostersync_operator'] loop
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object then null;  -- roles belong to the whole server
            when unique_violation then null;  -- made by another database's migration at the same moment
        end;
    end loop;
end
$$;

create schema roster;
create schema roster_log;
create schema roster_history;
create schema sync;

grant usage on schema roster, roster_log, roster_history, sync
to rostersync_loader, rostersync_reader, rostersync_operator;

-- purpose: text for a migration: the history view of an entity
-- grain: key x version
-- inputs: <log>
-- outputs: <history>
-- parameters: entity
create view {{ entity.history_view }} with (security_invoker) as
select
    district_id, {{ entity.logged | columns }},
    _run_id, _file_sha256, _line, valid_from, valid_to
from (
    select
        *,
        slot as valid_from,
        lead(slot) over (partition by district_id, {{ entity.key | columns }} order by slot) as valid_to
    from {{ entity.log_view }}
) as versions
where op <> 'D';
grant select on {{ entity.history_view }} to rostersync_reader, rostersync_operator, rostersync_loader;
comment on view {{ entity.history_view }} is
    'One row per version of a row of {{ entity.table }}, with the slots from which and until which it held.';

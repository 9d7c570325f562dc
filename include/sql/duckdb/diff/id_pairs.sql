-- purpose: ids that seem damaged, each beside the one it may stand for, and which entity's slice asks about it: that of
--   the file whose own ids they are, else of the file they were found in
-- grain: entity x owner x former_id x new_id
-- inputs: damaged_<entity> of each
-- outputs: id_pairs (entity, owner: whose ids they are, former_id, new_id)
-- parameters: damaged (entities, each with its key columns and whose id each is)
{% from 'duckdb/resolve/id_of_key.sql' import id_of_key, owner_of_key %}
create or replace table id_pairs as
select distinct entity, owner, former_id, new_id
from (
    select *, bool_or(entity = owner) over (partition by owner, former_id, new_id) as is_own
    from (
        {% for entity, owners in damaged %}
        {% set following = loop.index0 %}
        {% for k, owner in owners %}
        {{ 'union all' if following or loop.index0 }}
        select
            {{ entity.name | literal }} as entity,
            {{ owner_of_key(entity, owner, k | quote) }} as owner,
            {{ id_of_key(entity, k, k | quote) }} as former_id,
            {{ id_of_key(entity, k, ('new_' ~ k) | quote) }} as new_id
        from {{ ('damaged_' ~ entity.name) | quote }}
        where {{ k | quote }} <> {{ ('new_' ~ k) | quote }}
        {% endfor %}
        {% endfor %}
    ) as found
) as judged
where entity = owner or not is_own

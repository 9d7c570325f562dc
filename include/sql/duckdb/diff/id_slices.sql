-- purpose: how many damaged ids each slice asks about, and a name for exactly these
-- grain: entity
-- inputs: id_pairs
-- outputs: returned rows (entity, pairs, fingerprint)
-- parameters: none
select
    entity,
    count(*) as pair_count,
    md5(
        string_agg(
            owner || chr(31) || former_id || chr(31) || new_id, chr(30) order by owner, former_id, new_id
        )
    ) as fingerprint
from id_pairs
group by entity
order by entity

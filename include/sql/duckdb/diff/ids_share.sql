-- purpose: how many of two lists of damaged ids are in both, and how many the longer one has
-- grain: one row
-- inputs: ids_then, ids_now
-- outputs: returned row (both, most)
-- parameters: none
select
    (
        select count(*)
        from ids_then as t
        semi join ids_now as n on t.owner = n.owner and t.former_id = n.former_id and t.new_id = n.new_id
    ) as both_count,
    greatest((select count(*) from ids_then), (select count(*) from ids_now)) as most_count

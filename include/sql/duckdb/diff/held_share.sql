-- purpose: how much of two slots' held rows is the same, by key and kind
-- grain: one row
-- inputs: held_then, held_now (held/<entity>.parquet of two diffs)
-- outputs: returned row (rows in both, rows of the larger one)
-- parameters: entity
select
    (select count(*) from held_now as n semi join held_then as t on n.op = t.op and {{ entity.key | pairs('n', 't') }}),
    greatest((select count(*) from held_then), (select count(*) from held_now))

-- purpose: how much of two slots' held rows of some kinds is the same, by key and kind
-- grain: one row
-- inputs: held_then, held_now (held/<entity>.parquet of two diffs)
-- outputs: returned row (rows in both, rows of the larger one)
-- parameters: $ops, entity
with held_both as (
    select count(*) as row_count
    from held_now as n
    semi join held_then as t on n.op = t.op and {{ entity.key | pairs('n', 't') }}
    where list_contains($ops::varchar[], n.op)
)

select
    (select row_count from held_both),
    greatest(
        (select count(*) from held_then where list_contains($ops::varchar[], op)),
        (select count(*) from held_now where list_contains($ops::varchar[], op))
    )

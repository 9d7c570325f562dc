-- purpose: send one district's current rows to the client as CSV: NULL is nothing, an empty string is ""
-- grain: key
-- inputs: <table>
-- outputs: the client's stream (contract columns)
-- parameters: entity, %(district)s
copy (
    select {{ entity.columns | columns }}
    from {{ entity.table }}
    where district_id = %(district)s
) to stdout (format csv)

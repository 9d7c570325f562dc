-- purpose: take a slot's ids of students out again
-- grain: a row of the table
-- inputs: <table>
-- outputs: <table> without them
-- parameters: table, %(district)s, %(slot)s
delete from {{ table }}
where district_id = %(district)s and slot = %(slot)s::date

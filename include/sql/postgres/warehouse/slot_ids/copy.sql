-- purpose: receive a slot's ids of students
-- grain: the first of the ids
-- inputs: the client's stream
-- outputs: <table>
-- parameters: table, ids (its columns beside district_id and slot)
copy {{ table }} (district_id, slot, {{ ids | columns }}) from stdin

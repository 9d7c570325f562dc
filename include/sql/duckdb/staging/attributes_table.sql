-- purpose: names of the columns that are kept as attributes; text of a district, so bound and never spelled out
-- grain: one row per column, position in the order of the names
-- inputs: none
-- outputs: empty table staging_attributes
-- parameters: none
create or replace table staging_attributes (position integer, name varchar)

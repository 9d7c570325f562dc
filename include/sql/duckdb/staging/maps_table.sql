-- purpose: what a cell stands for: the district's grades and status values, the languages a file names
-- grain: one row per kind of column and trimmed cell
-- inputs: none
-- outputs: empty table staging_maps
-- parameters: none
create or replace table staging_maps (kind varchar, sent varchar, value varchar)

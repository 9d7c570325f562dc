-- purpose: the records that the district's map leaves out although something is wrong with them: it counts for nothing
-- grain: file x _line
-- inputs: none
-- outputs: empty table left_out (file, _line)
-- parameters: none
create or replace table left_out (file varchar, _line bigint)

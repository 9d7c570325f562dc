-- purpose: warnings of resolve's own
-- grain: file x rule x _line
-- inputs: none
-- outputs: empty table notes
-- parameters: none
create or replace table notes (file varchar, rule varchar, _line bigint)

-- purpose: the records that stay out, and why: resolve adds to it file by file
-- grain: file x _line x rule
-- inputs: none
-- outputs: empty table excluded (kind: quarantined or duplicate)
-- parameters: none
create or replace table excluded (file varchar, _line bigint, kind varchar, rule varchar, reason varchar)

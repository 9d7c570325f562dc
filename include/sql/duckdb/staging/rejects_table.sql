-- purpose: the records of a file that cannot be read
-- grain: one row per record (each line of one that swallowed others)
-- inputs: none
-- outputs: empty table staging_rejects
-- parameters: none
create or replace table staging_rejects (_line bigint, rule varchar, detail varchar)

-- purpose: the table of broken rules, by number of the rule (the text of a rule id would repeat per record)
-- grain: rule, record
-- inputs: none
-- outputs: found (rule_no, _line), empty
-- parameters: none
create or replace table found (rule_no integer, _line bigint)

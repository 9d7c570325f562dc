-- purpose: what validation found, but for last records that may be cut: what is in them is not believed
-- grain: file x rule x line
-- inputs: findings_sent
-- outputs: findings
-- parameters: cut (file and line of each such record, as "parents 7"), kind (table or view)
create or replace {{ kind }} findings as
select *
from findings_sent
where not list_contains([{{ cut | map('literal') | join(', ') }}], file || ' ' || _line)

-- purpose: new rows take numbers after those that came with their own
-- grain: one value
-- inputs: <table>
-- outputs: the sequence of its identity column
-- parameters: table, key
select setval(pg_get_serial_sequence('{{ table }}', '{{ key }}'), max({{ key | quote }}))
from {{ table }}
having max({{ key | quote }}) is not null

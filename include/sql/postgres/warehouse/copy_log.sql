-- purpose: receive one slice of the change log as CSV
-- grain: key
-- inputs: the client's stream
-- outputs: <log>
-- parameters: entity
copy {{ entity.log_table }} (district_id, slot, op, {{ entity.columns | columns }}, _run_id, _file_sha256, _line)
from stdin (format csv)

-- purpose: receive one slice as CSV
-- grain: key
-- inputs: the client's stream
-- outputs: incoming_<entity>
-- parameters: entity
copy {{ ('incoming_' ~ entity.name) | quote }} (op, {{ entity.columns | columns }}, _line)
from stdin (format csv)

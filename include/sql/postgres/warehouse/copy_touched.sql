-- purpose: receive the keys whose current row is to be made what the log says
-- grain: key
-- inputs: the client's stream
-- outputs: touched_<entity>
-- parameters: entity
copy {{ ('touched_' ~ entity.name) | quote }} ({{ entity.key | columns }}) from stdin (format csv)

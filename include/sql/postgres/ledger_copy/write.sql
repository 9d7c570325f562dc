-- purpose: take a table of the ledger from its copy; columns that are newer than the copy get their defaults
-- grain: as the table
-- inputs: the client's stream, CSV with a header
-- outputs: <table>
-- parameters: table, columns (the header's)
copy {{ table }} ({{ columns | columns }}) from stdin with (format csv, header match)

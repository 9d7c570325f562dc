"""The rules a record breaks before it is a row; ``expectations/_file.json`` says them to people."""

from __future__ import annotations

RAGGED = "file.record.ragged"
QUOTE = "file.record.quote"
CUT = "file.record.cut"
TOO_LONG = "file.record.too_long"

COLUMN_GONE = "file.header.column_gone"
"""Said of a file beside the one before."""

PARSE_RULES = (RAGGED, QUOTE, CUT, TOO_LONG)
"""Every rule of ``rejects/<file>.parquet``: staging raises them; all quarantine the record."""

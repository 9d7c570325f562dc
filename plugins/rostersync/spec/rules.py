"""Rules that every file has, by its nature; ``expectations/_file.json`` says those of records to people."""

from __future__ import annotations

RAGGED = "file.record.ragged"
QUOTE = "file.record.quote"
CUT = "file.record.cut"
TOO_LONG = "file.record.too_long"

COLUMN_GONE = "file.header.column_gone"
"""Said of a file beside the one before."""
UNRESOLVED = "file.record.unresolved"
"""A record refers to what is not known, and the file that would have it did not come."""

PARENT_QUARANTINED = "file.record.parent_quarantined"
"""A record refers to what is not known, and the record that would bring it is in quarantine itself."""

NOT_LOOKED_UP = "file.references.not_looked_up"
"""Of a file that brings nothing: nobody looked whether it has what others refer to; no suite has it."""

PARSE_RULES = (RAGGED, QUOTE, CUT, TOO_LONG)
"""Every rule of ``rejects/<file>.parquet``: staging raises them; all quarantine the record."""

RECORD_RULES = (*PARSE_RULES, UNRESOLVED, PARENT_QUARANTINED)
"""Every rule of any file's records that keeps a record out by contract."""

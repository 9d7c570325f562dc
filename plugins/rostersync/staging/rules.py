"""The rules a record breaks before it is a row; ``expectations/_file.json`` says them to people."""

from __future__ import annotations

RAGGED = "file.record.ragged"
QUOTE = "file.record.quote"
CUT = "file.record.cut"
TOO_LONG = "file.record.too_long"

RECORD_RULES = frozenset({RAGGED, QUOTE, CUT, TOO_LONG})
"""Every rule of ``rejects/<file>.parquet``; all quarantine the record."""

"""Which keys of a district's YAML a slot's rows, or its decisions, depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

ROWS = (
    "attendance.codes",
    "attendance.notices.codes",
    "attendance.notices.id",
    "attendance.notices.periods",
    "attendance.notices.schools",
    "attendance.p0",
    "attributes",
    "district_office",
    "files",
    "maps",
    "rules",
)
"""What a row, a finding or a count of an upload depends on, by key of the YAML."""

JUDGEMENT = (
    "attendance.notices.at",
    "attendance.notices.expires",
    "attendance.notices.fresh",
    "attendance.starts_before",
    "attendance.timezones",
    "calendar_days",
    "core.strict",
    "first_load",
    "id",
    "limits",
    "terms",
    "timezone",
    "windows",
)
"""What else a slot was decided by: a replay takes the kept copy, and nothing is validated again for it."""

TODAY = (
    "alerts",
    "caps",
    "core.at",
    "core.quiet",
    "core.sends",
    "core.wait_until",
    "data_docs",
    "drift",
    "enabled",
    "name",
    "outbox",
    "sftp",
)
"""What no slot's result depends on: a replay takes today's."""


def hash_of(document: Any, paths: Iterable[str]) -> str:
    """sha256 of what stands under these keys; one that a release adds and nobody uses changes nothing.

    ``document``: of the keys that are not as they are by default.
    """
    picked = {path: _at(document, path.split(".")) for path in paths}
    said = {path: value for path, value in picked.items() if value is not None}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _at(document: Any, path: Sequence[str]) -> Any:
    """What stands under a path of keys, of each entry where it leads through a list; None: nothing."""
    if not path:
        return document
    if isinstance(document, list):
        return [_at(entry, path) for entry in document]
    return _at(document[path[0]], path[1:]) if path[0] in (document or {}) else None

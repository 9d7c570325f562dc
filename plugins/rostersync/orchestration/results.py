"""A run's result as an XCom: counts, rule ids, line numbers and names; no texts, no values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rostersync.archive import read_not_taken
from rostersync.documents import from_document, to_document
from rostersync.ledger.results import RunResult


def to_xcom(result: RunResult) -> dict[str, Any]:
    """The result without findings' messages, and without names of the district's."""
    files = {
        name: replace(
            file, findings=tuple(replace(f, message="", values="") for f in file.findings)
        )
        for name, file in result.files.items()
    }
    slim = {name: replace(e, changes=None) for name, e in result.changes.items()}
    ignored = tuple(read_not_taken(line).nameless for line in result.ignored)
    document: dict[str, Any] = to_document(
        replace(result, files=files, changes=slim, ignored=ignored, notices=())
    )
    return document


def from_xcom(document: dict[str, Any]) -> RunResult:
    """The result :func:`to_xcom` wrote."""
    return from_document(RunResult, document)

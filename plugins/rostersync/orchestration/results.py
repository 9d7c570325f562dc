"""A run's result as an XCom: counts, rule ids, line numbers and names; no texts, no values."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from rostersync.fold import EntityDiff, file_result_from_json
from rostersync.ledger.results import Hold, Outcome, RunResult


def to_xcom(result: RunResult) -> dict[str, Any]:
    """The result without findings' messages."""
    files = {
        name: replace(
            file, findings=tuple(replace(f, message="", values="") for f in file.findings)
        )
        for name, file in result.files.items()
    }
    slim = {name: replace(e, changes=None) for name, e in result.changes.items()}
    return {
        "outcome": str(result.outcome),
        "message": result.message,
        "files": {name: {**asdict(f), "state": str(f.state)} for name, f in files.items()},
        "changes": {name: asdict(e) for name, e in slim.items()},
        "holds": [asdict(h) for h in result.holds],
        "recomputed": list(result.recomputed),
    }


def from_xcom(document: dict[str, Any]) -> RunResult:
    """The result :func:`to_xcom` wrote."""
    return RunResult(
        Outcome(document["outcome"]),
        {name: file_result_from_json(f) for name, f in document["files"].items()},
        {name: EntityDiff(**e) for name, e in document["changes"].items()},
        tuple(Hold(**h) for h in document["holds"]),
        document["message"],
        tuple(document["recomputed"]),
    )

"""Holds what a command told against what a case expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.uploads.cases import Finding


def assert_findings(
    csv_name: str, found: list[dict[str, Any]], expected: Sequence[Finding]
) -> None:
    """These findings and no others; columns and messages where the case names them."""

    def key(finding: Any) -> tuple[Any, ...]:
        return tuple(finding[k] for k in ("rule", "severity", "count", "lines"))

    assert sorted(map(key, found)) == sorted(key(vars(f)) for f in expected), csv_name
    for finding in expected:
        alike = [f for f in found if key(f) == key(vars(finding))]
        if finding.column:
            alike = [f for f in alike if f["column"] == finding.column]
        assert len(alike) == 1, (csv_name, finding)
        for text in finding.says:
            assert text in alike[0]["message"], alike[0]["message"]

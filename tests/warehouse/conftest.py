"""Says at the end how much the random histories went through."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Histories, the diffs they needed, the failures they went through."""
    sums = {"histories": 0, "diffs": 0, "failures": 0}
    for report in terminalreporter.stats.get("passed", []):
        if isinstance(report, pytest.TestReport) and report.when == "call":
            for name, value in report.user_properties:
                if name in sums:
                    sums[name] += int(str(value))
    if sums["histories"]:
        terminalreporter.write_line(
            f"{sums['histories']:,} random histories lived through: {sums['diffs']:,} different diffs"
            f" computed, {sums['failures']:,} steps that failed and were tried again"
        )

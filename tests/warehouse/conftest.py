"""Says at the end how much the random histories went through, and how often what was drawn."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.warehouse.dice import table


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Histories, the diffs they needed, the failures they went through."""
    sums = {"histories": 0, "diffs": 0, "failures": 0}
    drawn: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        if isinstance(report, pytest.TestReport) and report.when == "call":
            for name, value in report.user_properties:
                if name in sums:
                    sums[name] += int(str(value))
                if name.startswith("drawn: "):
                    drawn[name.removeprefix("drawn: ")] += int(str(value))
    if sums["histories"]:
        terminalreporter.write_line(
            f"{sums['histories']:,} random histories lived through: {sums['diffs']:,} different diffs"
            f" computed, {sums['failures']:,} steps that failed and were tried again"
        )
        terminalreporter.write_line("drawn in them:")
        for line in table(drawn):
            terminalreporter.write_line(line)

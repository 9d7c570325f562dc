"""What the random histories of a run drew, in all workers: said at the end, and nothing may be undrawn."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

ENOUGH = 240
"""Histories after which nothing may be undrawn."""
DRAWN = "drawn: "
_LIVED = ("histories", "diffs", "failures")


class Drawn:
    """Adds up what tests/warehouse/test_any_order.py records, in the process that sees every report."""

    def __init__(self) -> None:
        self.lived: Counter[str] = Counter()
        self.drawn: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One part of the histories has passed."""
        if report.when != "call" or not report.passed:
            return
        for name, value in report.user_properties:
            if name in _LIVED:
                self.lived[name] += int(str(value))
            elif name.startswith(DRAWN):
                self.drawn[name.removeprefix(DRAWN)] += int(str(value))

    def undrawn(self) -> list[str]:
        """What enough histories have not drawn."""
        from tests.warehouse import dice

        if self.lived["histories"] < ENOUGH:
            return []
        return [name for name in dice.DRAWN if not self.drawn[name]]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run that says nothing of what once found a fault fails."""
        is_worker = hasattr(session.config, "workerinput")
        if not is_worker and session.exitstatus == pytest.ExitCode.OK and self.undrawn():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Histories, the diffs they needed, the failures they went through, and what was drawn how often."""
        from tests.warehouse import dice

        if not self.lived["histories"]:
            return
        terminalreporter.section("random histories")
        histories, diffs, failures = (f"{self.lived[name]:,}" for name in _LIVED)
        terminalreporter.write_line(
            f"{histories} lived through: {diffs} different diffs computed, {failures} steps that failed and"
            " were tried again; drawn in them:"
        )
        for line in dice.table(self.drawn):
            terminalreporter.write_line(line)
        for name in self.undrawn():
            terminalreporter.write_line(f"UNDRAWN: {name}", red=True)

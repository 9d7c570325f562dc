"""The budget of the tests' own time: each folder has a line, and one that outgrew it is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import minutes
from tests.support.minutes import budgets, compare, folder_of

if TYPE_CHECKING:
    import pytest

TESTS = Path(__file__).parent


def test_every_folder_of_tests_has_a_line_and_no_line_is_of_none() -> None:
    found = {folder_of(str(p.relative_to(TESTS.parent))) for p in TESTS.rglob("test_*.py")}
    assert set(budgets()) == found


def test_a_folder_may_take_half_more_than_its_budget_and_no_more() -> None:
    known = {"diff": 100, "sql": 20}
    assert compare({"diff": 299.0, "sql": 1.0}, 2.0, known) == []
    (problem,) = compare({"diff": 302.0, "sql": 1.0}, 2.0, known)
    assert problem.startswith("diff took 151 jobs, its budget is 100")


def test_the_budget_is_made_of_a_run_with_some_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minutes, "BUDGET", tmp_path / "budget.toml")
    minutes.BUDGET.write_text("# why\n[folders]\nold = 1\n")
    minutes.write({"diff": 200.0, "sql": 1.0, ".": 3.0}, job=2.0)
    assert budgets() == {"diff": 120, "sql": 60, ".": 60}
    assert minutes.BUDGET.read_text().startswith("# why\n")


def test_a_folder_without_a_line_is_a_problem_too() -> None:
    (problem,) = compare({"new": 3.0}, 1.0, {})
    assert problem == "new has no line in tests/budget.toml; it took 3 jobs"

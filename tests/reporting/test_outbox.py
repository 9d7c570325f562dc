"""Which marker a run's end stands for."""

import pytest

from rostersync.archive import FileState
from rostersync.fold import EntityDiff, FileResult
from rostersync.ledger.results import Hold, Outcome, RunResult
from rostersync.reporting.markers import marker_of

HOLD = Hold("removed", "students", "12", 40, "abc")


@pytest.mark.parametrize(
    ("result", "marker", "says"),
    [
        (RunResult(Outcome.LOADED), "ACCEPTED", "was loaded"),
        (RunResult(Outcome.IDENTICAL), "ACCEPTED", "was loaded"),
        (RunResult(Outcome.NOBODY_ABSENT), "ACCEPTED", "was loaded"),
        (
            RunResult(Outcome.LOADED, {"rosters": FileResult(FileState.ACCEPTED, 9, 7, 2, 0)}),
            "ACCEPTED",
            "without 2 records",
        ),
        (RunResult(Outcome.LOADED, holds=(HOLD,)), "HELD", "larger than usual"),
        (
            RunResult(Outcome.LOADED, changes={"students": EntityDiff("f", 9, held=18)}),
            "ACCEPTED",
            "but for 18 changes that a person decided against",
        ),
        (RunResult(Outcome.HELD, holds=(HOLD,)), "HELD", "not loaded yet|is loaded yet"),
        (RunResult(Outcome.REJECTED), "REJECTED", "everything stays as it was"),
        (RunResult(Outcome.MISSING), "REJECTED", "No complete upload came"),
    ],
)
def test_the_district_sees_one_word(result: RunResult, marker: str, says: str) -> None:
    told = marker_of(result)
    assert told is not None
    assert told[0] == marker
    assert any(part in told[1] for part in says.split("|"))
    assert "summary.html" in told[1]


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.NOT_EXPECTED, Outcome.NO_SCHOOL])
def test_what_is_not_the_districts_is_not_told(outcome: Outcome) -> None:
    assert marker_of(RunResult(outcome)) is None

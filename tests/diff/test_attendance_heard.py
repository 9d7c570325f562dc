"""Attendance that no family hears of, or of a day that cannot be: what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.diff import Codes, NoticePeriods
from rostersync.fold import SlotDiff
from tests.diff.school_days import DAY, OTHER_DAY, Day, event, whole
from tests.support.landings import Row


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(Archive(tmp_path), [f"s{n}" for n in range(1, 31)])


def rules(diff: SlotDiff) -> dict[str, int]:
    return {f.rule: f.count for f in diff.files["attendance"].findings}


def test_a_date_too_far_from_the_slot_is_an_error_that_withdraws_nothing(day: Day) -> None:
    day.file(event("s1"), event("s1", date="2025-07-28"))
    day.codes = Codes(("A", "T"), day=DAY)
    diff = day.file(
        event("s1"),
        event("s2", date="2025-07-28"),
        event("s3", date="2025-07-27"),
        event("s4", date="2027-10-07"),
    )
    assert rules(diff) == {"attendance.date.far": 2}
    assert day.counts == (2, 2, 0)
    far = day.file(event("s5", date="2025-07-27"))
    assert (rules(far), far.entities["attendance"].removed) == ({"attendance.date.far": 1}, 0)


@pytest.mark.parametrize(
    ("schools", "rows", "named"),
    [
        (
            None,
            [event("s1", "01"), event("s2", "02")],
            'tells "1", "all_day"; the file has "01", "02"',
        ),
        (None, [event("s1", "01"), event("s2", "1", code=None)], None),
        (("1",), [event("s1", "01", school_id="2")], None),
        (("1",), [event("s1", "01"), event("s2", "1", school_id="2")], 'the file has "01"'),
        (None, [whole("s1", {"01": "A"})], 'the file has "01"'),
        (None, [whole("s1", {"2": "A", "1": None})], None),
        (None, [event("s1", "01", date=OTHER_DAY)], None),
    ],
)
def test_a_notice_of_whose_periods_the_file_has_none_is_named(
    day: Day, schools: tuple[str, ...] | None, rows: list[Row], named: str | None
) -> None:
    notice = NoticePeriods("morning", schools, ("1", "all_day"))
    day.codes = Codes(("A",), notices=(notice,), day=DAY)
    found = [
        f.values
        for f in day.file(*rows).files["attendance"].findings
        if f.rule == "attendance.period.unheard"
    ]
    assert len(found) == (named is not None)
    assert (named or "") in "".join(found)


def test_codes_in_p0_are_a_warning_until_somebody_has_said_what_it_is(day: Day) -> None:
    day.codes = Codes(("A",), knows_p0=False)
    assert rules(day.file(whole("s1", {"all_day": None, "1": "A"}), event("s2", "all_day"))) == {}
    rows = [whole("s1", {"all_day": "A", "1": None}), whole("s2", {"all_day": None, "1": "A"})]
    assert rules(day.file(*rows)) == {"attendance.period.p0_unsaid": 1}
    assert day.said() == [("s1", "all_day"), ("s2", "1")]

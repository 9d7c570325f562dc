"""The turn of a term: classes of one that is over go, those of the next come, and nobody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import Counts
from rostersync.spec import Domain
from tests.diff.classes import children, classes, upload_of
from tests.diff.measured import counts
from tests.diff.whole_nights import bundles, judge_night
from tests.support.landings import Row, Upload, student
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def term(term_id: str, start: str, end: str, school_id: str = "1") -> Row:
    return {
        "school_id": school_id,
        "term_id": term_id,
        "term_name": term_id.title(),
        "start_date": start,
        "end_date": end,
        "school_year": "2027",
    }


def with_terms(nights: Nights, *rows: Row) -> None:
    """The terms that are loaded from now on."""
    terms = Nights(nights.archive, domain=Domain.TERMS)
    terms.foreign = {"schools": nights.diffs[-1].fingerprints["schools"]}
    terms.upload(Upload({"terms": list(rows)}))
    nights.foreign = {"terms": terms.diffs[-1].fingerprints["terms"]}


OLD, NEW = term("old", "2026-06-01", "2026-09-16"), term("new", "2026-09-17", "2027-01-20")


def semester(term_id: str | None, *, kids: int = 15, school_id: str = "1") -> dict[str, list[Row]]:
    """Twelve classes of a term, with their teachers; a child has one place in each."""
    names = {f"{term_id}{n:02}": children(kids, school_id) for n in range(12)}
    told = {"term_id": term_id} if term_id else {}
    return classes(names, school_id=school_id, **told)


PEOPLE = {"students": [student(s) for s in children(20)]}


def begin(nights: Nights, *terms: Row, term_id: str | None = "old") -> None:
    nights.upload(upload_of(PEOPLE, semester(term_id)))
    if terms:
        with_terms(nights, *terms)


def test_the_turn_of_a_term_asks_nobody(nights: Nights) -> None:
    begin(nights, OLD, NEW)
    judgement = judge_night(nights, upload_of(PEOPLE, semester("new", kids=3)))
    assert judgement.slices == ()
    (sections,) = counts(nights.diffs[-1], "sections").values()
    assert sections == Counts(known=12, added=12)
    assert counts(nights.diffs[-1], "rosters") == {"1": Counts(known=180, added=36)}
    assert counts(nights.diffs[-1], "section_teachers") == {"1": Counts(known=12, added=12)}
    assert {row[0] for row in nights.state("sections", "term_id")} == {"new"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # 15 days before its end
        (term("old", "2026-06-01", "2026-09-17"), NEW),
        # no later than the other: it ends when that one does, or began before it
        (OLD, term("new", "2026-08-01", "2026-09-16")),
        (OLD, term("new", "2026-05-01", "2027-01-20")),
        # of another school
        (OLD, {**NEW, "school_id": "2"}),
    ],
)
def test_what_is_no_turn_of_a_term_waits(nights: Nights, old: Row, new: Row) -> None:
    begin(nights, old, new)
    judgement = judge_night(nights, upload_of(PEOPLE, semester("new", kids=3)))
    (bundle,) = bundles(judgement)
    assert {"sections:removed", "rosters:removed", "sections:added", "rosters:added"} <= set(bundle)
    assert {row[0] for row in nights.state("sections", "term_id")} == {"old"}
    assert len(nights.keys("rosters")) == 180


def test_a_term_that_is_over_with_nothing_after_it_is_no_turn(nights: Nights) -> None:
    begin(nights, term("old", "2026-02-01", "2026-06-10"), NEW)
    judgement = judge_night(nights, upload_of(PEOPLE, classes({"other": children(3)})))
    assert "sections:removed" in {str(s) for s in judgement.slices}


def test_without_terms_new_classes_wait_as_one(nights: Nights) -> None:
    begin(nights, term_id=None)
    nights.upload(upload_of(PEOPLE, semester(None)))
    new = upload_of(PEOPLE, classes({f"n{n}": children(15) for n in range(12)}))
    assert bundles(judge_night(nights, new)) == [
        [
            "rosters:added",
            "rosters:removed",
            "section_teachers:added",
            "section_teachers:removed",
            "sections:added",
            "sections:removed",
        ]
    ]
    assert len(nights.keys("rosters")) == 180


def test_a_week_across_the_turn_of_a_term(nights: Nights) -> None:
    begin(nights, OLD, NEW)
    week_ago = nights.diffs[-1].fingerprints
    nights.upload(upload_of(PEOPLE, semester("new", kids=3)))
    fewer = semester("new", kids=3)
    fewer["rosters"] = fewer["rosters"][:-1]
    assert judge_night(nights, upload_of(PEOPLE, fewer), week_ago=week_ago).slices == ()

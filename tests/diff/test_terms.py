"""Terms: what a weekly file may refer to and remove, and what a section's term_id is held against."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive, FileState, Layout
from rostersync.engine import open_session
from rostersync.fold import EMPTY_FINGERPRINT
from rostersync.spec import Domain
from rostersync.spec.rules import NOT_LOOKED_UP
from tests.support.landings import Row, Upload, school, section, small_upload
from tests.support.nights import Nights

RULES = (
    "terms.key.conflicting_duplicate",
    "terms.school_id.damaged",
    "terms.term_id.damaged",
    "terms.school_id.known",
    "sections.term_id.known",
)
"""Rules of resolve that tests here break."""


def term(term_id: str, school_id: str = "1", **values: str) -> Row:
    return {
        "school_id": school_id,
        "term_id": term_id,
        "term_name": "Fall",
        "start_date": "2026-08-17",
        "end_date": "2026-12-18",
        "school_year": "2027",
        **values,
    }


@pytest.fixture
def core(tmp_path: Path) -> Nights:
    """A district of three schools."""
    nights = Nights(Archive(tmp_path))
    nights.upload(small_upload(schools=[school("1"), school("2"), school("a1")]))
    return nights


@pytest.fixture
def terms(core: Nights) -> Nights:
    """Its terms: none yet."""
    weeks = Nights(core.archive, domain=Domain.TERMS)
    weeks.foreign = {"schools": core.diffs[-1].fingerprints["schools"]}
    return weeks


def file(*rows: Row) -> Upload:
    return Upload({"terms": list(rows)})


def test_terms_of_known_schools_come_and_go(terms: Nights) -> None:
    terms.upload(file(term("FALL"), term("FALL", "2")))
    diff = terms.upload(file(term("FALL"), term("SPRING", "2")))
    assert (diff.entities["terms"].added, diff.entities["terms"].removed) == (1, 1)
    assert terms.state("terms", "school_id, term_id") == [("1", "FALL"), ("2", "SPRING")]


def test_two_that_say_different_things_are_out_and_the_stored_one_stays(terms: Nights) -> None:
    terms.upload(file(term("FALL")))
    diff = terms.upload(file(term("FALL"), term("FALL", term_name="Autumn"), term("SPRING")))
    rule = "terms.key.conflicting_duplicate"
    assert terms.quarantine() == [
        ("terms", 2, rule, "conflicting_duplicate"),
        ("terms", 3, rule, "conflicting_duplicate"),
    ]
    assert diff.entities["terms"].reasons == {"frozen": 1}


def test_an_id_that_lost_its_zeros_freezes_the_stored_one(terms: Nights) -> None:
    terms.upload(file(term("01"), term("FALL", "a1")))
    terms.upload(file(term("1"), term("FALL", "A1")))
    assert terms.quarantine() == [
        ("terms", 2, "terms.term_id.damaged", "id_damaged"),
        ("terms", 3, "terms.school_id.damaged", "id_damaged"),
    ]
    assert terms.keys("terms", "term_id") == ["01", "FALL"]


def test_a_term_of_an_unknown_school_is_an_orphan(terms: Nights) -> None:
    terms.upload(file(term("FALL"), term("FALL", "9")))
    assert terms.quarantine() == [("terms", 3, "terms.school_id.known", "orphan")]


def test_a_file_of_unknown_schools_only_is_rejected_and_removes_nothing(terms: Nights) -> None:
    terms.upload(file(term("FALL")))
    diff = terms.upload(file(term("FALL", "9")))
    assert diff.files["terms"].state is FileState.REJECTED
    assert terms.keys("terms", "term_id") == ["FALL"]


def test_terms_go_with_their_school(core: Nights, terms: Nights) -> None:
    terms.upload(file(term("FALL"), term("FALL", "2")))
    layout = Layout("testville", Domain.CORE, "x")
    both, alone = (layout.state("schools", f) for f in (terms.foreign["schools"], "a" * 32))
    with open_session(core.archive, is_tiny=True) as session:
        session.view_parquet("two_schools", both)
        session.write_parquet("from two_schools where school_id = '1'", alone)
    terms.foreign = {"schools": "a" * 32}
    cut = Upload({"terms": [term("FALL")]}, ragged=[("terms", 2)])  # what is missing is frozen
    assert terms.upload(cut).entities["terms"].removed == 1
    assert terms.state("terms", "school_id") == [("1",)]


@pytest.mark.parametrize(("foreign", "told"), [({}, 0), ("terms", 1)])
def test_a_sections_term_is_held_against_the_terms_last_loaded(
    core: Nights, terms: Nights, foreign: object, told: int
) -> None:
    terms.upload(file(term("FALL")))
    if foreign:
        core.foreign = {"terms": terms.diffs[-1].fingerprints["terms"]}
    rows = [section(f"s{n}", "t1", term_id=t) for n, t in enumerate(("FALL", "SPRING", None))]
    diff = core.upload(small_upload(sections=rows, rosters=[]))
    found = [f for f in diff.files["sections"].findings if f.rule == "sections.term_id.known"]
    assert [f.lines for f in found] == [(3,)] * told
    assert diff.files["sections"].accepted == 3
    assert core.keys("sections", "term_id") == ["FALL", "SPRING", None]


def test_before_any_terms_are_loaded_one_sentence_says_that_nobody_looked(core: Nights) -> None:
    core.foreign = {"terms": EMPTY_FINGERPRINT}
    rows = [section(f"s{n}", "t1", term_id=t) for n, t in enumerate(("FALL", "SPRING", None))]
    diff = core.upload(small_upload(sections=rows, rosters=[]))
    (found,) = diff.files["sections"].findings
    assert (found.rule, found.count, found.lines) == (NOT_LOOKED_UP, 2, ())
    assert found.message.startswith("No terms are loaded yet")
    nobody = core.upload(small_upload(sections=[section("s0", "t1")], rosters=[]))
    assert nobody.files["sections"].findings == ()

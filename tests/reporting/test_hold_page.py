"""What a person is shown of a hold among Airflow's required actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rostersync.ledger.holds import OpenedHold
from rostersync.reporting.hold_page import hold_markdown, hold_subject, why
from rostersync.spec.reasons import Waits

UNTIL = datetime(2026, 9, 9, 2, tzinfo=UTC)


def hold(*slices: dict[str, Any]) -> OpenedHold:
    return OpenedHold(
        hold_id="0a1b2c3d-0000-4000-8000-000000000000",
        district="aspen",
        domain="core",
        slot="2026-09-02",
        landing=1,
        kind="slices",
        label=None,
        reasons=[],
        slices=list(slices),
        counts={},
        status="open",
        first_slot="2026-09-02",
        opened_at=datetime(2026, 9, 2, 2, tzinfo=UTC),
        closed_at=None,
        rekeyed={},
    )


def removed(school: str, count: int) -> dict[str, Any]:
    one = {"entity": "students", "kind": "removed", "scope": school}
    return {**one, "count": count, "limit": 5, "reason": "over_limit", "fingerprint": "f"}


def page(of: OpenedHold, schools: dict[str, str]) -> str:
    return hold_markdown(of, schools=schools, changes={}, changes_url=None, until=UNTIL)


def test_a_schools_name_is_text_and_nothing_else() -> None:
    """It comes from the district's file: no link, no image, no line or cell of its own."""
    name = "![x](http://example.org/x.png) | <b>Approve</b>\n`www.example.org`"
    (line,) = [
        text for text in page(hold(removed("1", 9)), {"1": name}).splitlines() if "students" in text
    ]
    for active in (" ![", "x](", " | <", "<b>", "http:", "www.", " `"):
        assert active not in line, active
    assert line.endswith(" | 9 | 5 | more than the limit in one night |")


def test_students_under_a_reused_or_a_new_id_are_counted_by_school() -> None:
    reused = {**removed("1", 2), "kind": "reused", "reason": "possible_reuse"}
    of = replace(hold(reused), label="rekey", rekeyed={"2": 30, "1": 400})
    changes = {("1", "students", "reused"): 2}
    text = hold_markdown(
        of, schools={"1": "Testfield"}, changes=changes, changes_url=None, until=UNTIL
    )
    assert "new id, by school: 1 Testfield: 400, 2: 30" in text
    assert "another child seems to be sent" in text
    assert "| school | entity | added | changed | removed | reused |" in text
    assert "| 1 Testfield | students |  |  |  | 2 |" in text


def test_every_reason_has_words() -> None:
    assert [name for name in Waits if why(name) == name] == []


def test_what_waits_only_because_of_a_tie_is_listed_as_such() -> None:
    places = {**removed("2", 30), "entity": "rosters", "limit": 0, "reason": "tied", "bundle": 1}
    text = page(
        hold({**removed("2", 9), "bundle": 1}, places, {**removed("1", 7), "bundle": 2}), {}
    )
    lines = [line for line in text.splitlines() if line[:3] in ("| 1", "| 2")]
    assert lines == [
        "| 1 | students:removed:2 | 2 | 9 | 5 | more than the limit in one night |",
        "| 1 | rosters:removed:2 | 2 | 30 | 0 | waits only because it is tied: to rows of the bundle that it"
        " refers to, or that refer to it |",
        "| 2 | students:removed:1 | 1 | 7 | 5 | more than the limit in one night |",
    ]
    assert "2 bundles with 46 rows wait" in hold_subject(
        hold(places, {**removed("1", 16), "bundle": 2}), "Maple"
    )


def test_a_page_of_ten_thousand_schools_stays_short() -> None:
    many = hold(*(removed(str(n), n) for n in range(10_000)))
    text = page(many, {})
    assert len(text) < 20_000
    assert "| students:removed:9999 |" in text, "the largest is shown"
    assert "9,940 smaller slices" in text

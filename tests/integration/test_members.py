"""Who is known by a mobile goes with whoever had it: whatever the order in which the nights came."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.district import District
from tests.support.uploads import write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NIGHTS = {1: "2145550101", 2: "12", 3: "34", 4: "", 5: "2145550101"}
"""What is sent as the owner's mobile: right, invalid twice, left out, and right again."""


class Clubs(District):
    """The owner of a club is known by a mobile alone; another parent's is always invalid."""

    def night(self, day: int) -> None:
        folder = write_core(self.fresh())
        write_csv(
            folder / "parents.csv",
            ["school_id", "student_id", "parent_id", "first_name", "last_name", "email", "mobile"],
            [
                ["1", s, f"p{s}", "Aspen", "Testkid", f"{s}@example.org", mobile]
                for s, mobile in (("s1", NIGHTS[day]), ("s2", f"9{day}"), ("s3", ""))
            ],
        )
        write_csv(
            folder / "groups.csv", ["school_id", "group_id", "group_name"], [["1", "g", "Chess"]]
        )
        if day in (1, 5):  # else the members are carried
            columns = ["school_id", "group_id", "mobile", "role"]
            write_csv(
                folder / "group_user_members.csv", columns, [["1", "g", "2145550101", "owner"]]
            )
        assert self.sync_upload(day, folder).outcome.is_success

    def owners(self, day: int) -> list[tuple[str]]:
        """Of the club after a night."""
        return self.rows(
            "select mobile from roster_history.group_user_members"
            f" where valid_from <= '2026-09-{day:02}'"
            f" and coalesce(valid_to, 'infinity') > '2026-09-{day:02}'"
        )


def test_the_owner_stays_while_the_mobile_is_invalid_and_goes_with_it(
    tmp_path: Path, fresh_warehouse: Callable[[], str]
) -> None:
    in_order = Clubs(tmp_path / "a", fresh_warehouse())
    for day in (1, 2, 3, 4, 5):
        in_order.night(day)
    assert [len(in_order.owners(day)) for day in NIGHTS] == [1, 1, 1, 0, 1]
    late = Clubs(tmp_path / "b", fresh_warehouse())
    for day in (1, 4, 3, 5, 2):
        late.night(day)
    assert [len(late.owners(day)) for day in NIGHTS] == [1, 1, 1, 0, 1]
    ours = [
        "select slot, op, mobile, role from roster_log.group_user_members order by 1, 2",
        "select slot, fingerprints from sync.slots order by 1",
    ]
    for query in ours:
        assert in_order.rows(query) == late.rows(query)

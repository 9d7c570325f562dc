"""docs/changing-the-contract.md names every file that a change of each kind needs, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.changes import CHANGES
from tests.contract.scratch import PAGE, Scratch, named

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LINT = (
    "tests/pages/test_files_page.py",
    "tests/pages/test_warehouse_page.py",
    "tests/sql",
    "tests/validation/test_suites.py",
    "tests/validation/test_run.py::test_every_rule_has_a_case",
    "tests/validation/test_run.py::test_each_rule_finds_its_bad_records_and_no_other",
    "tests/warehouse/test_migrations.py",
)
"""What says that the contract, its suites, its tables and its pages agree."""


def files_of(heading: str) -> tuple[str, ...]:
    return named(PAGE.read_text(encoding="utf-8"), heading)


@pytest.mark.parametrize("heading", CHANGES)
def test_the_page_names_what_a_change_needs(heading: str, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "copy", files_of(heading))
    CHANGES[heading](scratch)
    assert scratch.forgotten == [], f"{PAGE.name} does not name them under: {heading}"
    assert set(scratch.files) == scratch.touched, f"{PAGE.name} names more under: {heading}"


def test_a_contract_that_has_grown_goes_on_with_what_an_older_release_wrote(tmp_path: Path) -> None:
    """All changes of the page together: the copy's own lint, then two nights and a late one."""
    scratch = Scratch(
        tmp_path / "copy", [name for heading in CHANGES for name in files_of(heading)]
    )
    for change in CHANGES.values():
        change(scratch)
    scratch.test(*LINT, "tests/upgrade/grown.py")


def test_a_forgotten_file_is_named_and_missed(tmp_path: Path) -> None:
    """The copy keeps the file as it was, and its lint goes red."""
    heading = next(iter(CHANGES))
    files = [name for name in files_of(heading) if not name.startswith("expectations/")]
    scratch = Scratch(tmp_path / "copy", files)
    CHANGES[heading](scratch)
    assert scratch.forgotten == ["expectations/parents.json"]
    with pytest.raises(AssertionError, match=r"work_email\.placeholder"):
        scratch.test("tests/validation/test_suites.py")

"""What a district finds in its outbox after a run."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.errors import ConfigError, SftpConnectionError
from rostersync.ledger.results import Outcome, RunResult
from rostersync.orchestration.results import from_xcom, to_xcom
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.pipeline.upkeep.outbox import tell_district
from tests.support.districts import write_config
from tests.support.two_schools import FULL, TwoSchools, ids, write_upload

pytestmark = [pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)


@pytest.fixture
def server(tmp_path: Path, district: TwoSchools) -> Iterator[SftpServer]:
    with SftpServer(tmp_path / "sftp", {district.cfg.id: "pw"}) as running:
        yield running


def tell(district: TwoSchools, server: SftpServer, day: int, result: RunResult) -> Path:
    slot = f"2026-09-{day:02}"
    account = server.account(district.cfg.id)
    landing = None if result.outcome is Outcome.MISSING else 1
    result = from_xcom(json.loads(json.dumps(to_xcom(result))))  # as the task hands it on
    tell_district(district.run(slot), account, landing, result, known_until={}, now=NOW)
    return district.folder / "sftp" / district.cfg.id / "outbox" / slot


def test_an_accepted_night(
    district: TwoSchools, server: SftpServer, first_night: RunResult
) -> None:
    here = tell(district, server, 1, first_night)
    assert sorted(p.name for p in here.iterdir()) == ["ACCEPTED", "errors.csv", "summary.html"]
    page = (here / "summary.html").read_text()
    assert "This upload was loaded" in page
    assert "Upload of 1 September 2026" in page


def test_a_night_with_held_removals(district: TwoSchools, server: SftpServer) -> None:
    here = tell(district, server, 2, district.sync(2, {"1": ids("1", 12), "2": ids("2", 20)}))
    assert (here / "HELD").exists()
    page = (here / "summary.html").read_text()
    assert "a person looks at first" in page
    assert "18 records of students: not in the upload any more" in page


def test_a_night_without_an_upload(district: TwoSchools, server: SftpServer) -> None:
    empty = district.folder / "empty"
    empty.mkdir()
    result = sync_folder(district.run("2026-09-02"), empty)
    here = tell(district, server, 2, result)
    assert (here / "REJECTED").read_text().startswith("No complete upload came")


def test_lines_are_those_of_the_run_not_of_the_folder(
    district: TwoSchools, server: SftpServer
) -> None:
    """A file the district did not send is looked for in what is stored: nothing is an orphan for it."""
    upload = write_upload(district.folder / "part", FULL)
    (upload / "sections.csv").unlink()
    result = sync_folder(district.run("2026-09-02"), upload)
    assert result.outcome is Outcome.LOADED
    here = tell(district, server, 2, result)
    with (here / "errors.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    found = {f.rule: f.count for x in result.files.values() for f in x.findings if f.lines}
    told = {rule: sum(r["rule"] == rule and r["line"] != "" for r in rows) for rule in found}
    assert told == found
    assert all(r["rule"] in found or r["line"] == "" for r in rows)


def test_what_is_wrong_is_said_in_sentences_and_near_misses_are_named(
    district: TwoSchools, server: SftpServer
) -> None:
    upload = write_upload(district.folder / "part", FULL)
    (upload / "groups.cvs").write_text("group_id\n")
    students = upload / "students.csv"
    header, first, *rest = students.read_text().splitlines()
    place = header.split(",").index("grade_level")
    cells = first.split(",")
    cells[place] = "99"
    students.write_text("\n".join([header, ",".join(cells), *rest]) + "\n")
    result = sync_folder(district.run("2026-09-02"), upload)
    here = tell(district, server, 2, result)
    page = (here / "summary.html").read_text()
    assert "The grade is not one that is known." in page
    assert "Your next upload takes them." in page
    assert "upload all files again" not in page
    (found,) = [f for f in result.files["students"].findings if "grade" in f.rule]
    assert found.message
    assert found.message in html.unescape(page)
    assert "Rename it to groups.csv" in page


def test_the_page_of_a_loaded_slot_is_told_by_what_it_was_loaded_with(
    district: TwoSchools, server: SftpServer, first_night: RunResult
) -> None:
    """A person decides later, when YAML and suites may have changed."""
    more = "files: {groups: {name: gruppen.csv}}"
    district.cfg = write_config(district.folder / "districts", more=more)
    here = tell(district, server, 1, first_night)
    assert (here / "ACCEPTED").exists()


def test_reports_that_end_at_once_leave_one_marker(
    district: TwoSchools, server: SftpServer, first_night: RunResult
) -> None:
    """A decision may end while the night's own report is written."""
    held = replace(first_night, outcome=Outcome.HELD)
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda r: tell(district, server, 1, r), [first_night, held] * 2))
    found = sorted(p.name for p in ends[0].iterdir())
    assert found in (
        ["ACCEPTED", "errors.csv", "summary.html"],
        ["HELD", "errors.csv", "summary.html"],
    )


def test_a_loaded_slot_is_not_told_that_its_files_are_missing(
    district: TwoSchools, server: SftpServer, first_night: RunResult
) -> None:
    """An old night that is run again waits for files of its own time."""
    here = tell(district, server, 1, first_night)
    tell(district, server, 1, RunResult(Outcome.MISSING))
    assert (here / "ACCEPTED").exists()
    assert not (here / "REJECTED").exists()


def test_a_folder_in_a_files_place_is_said_and_not_tried_twice(
    district: TwoSchools, server: SftpServer, first_night: RunResult
) -> None:
    blocked = district.folder / "sftp" / district.cfg.id / "outbox" / "2026-09-01" / "errors.csv"
    blocked.mkdir(parents=True)
    with pytest.raises(ConfigError, match="refuses the report"):
        tell(district, server, 1, first_night)


def test_a_connection_that_breaks_once_is_tried_again(
    district: TwoSchools,
    server: SftpServer,
    first_night: RunResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rostersync.pipeline.upkeep import outbox

    tries: list[str] = []
    deliver = outbox.deliver_report

    async def breaks(*args: Any, **more: Any) -> list[str]:
        tries.append("x")
        if len(tries) == 1:
            raise SftpConnectionError("It broke")
        return await deliver(*args, **more)

    monkeypatch.setattr(outbox, "deliver_report", breaks)
    here = tell(district, server, 1, first_night)
    assert (here / "ACCEPTED").exists()
    assert len(tries) == 2


def test_a_district_that_wants_none_gets_none(
    district: TwoSchools, server: SftpServer, first_night: RunResult
) -> None:
    district.cfg = write_config(district.folder / "districts", more="outbox: {send: false}")
    here = tell(district, server, 1, first_night)
    assert not here.exists()

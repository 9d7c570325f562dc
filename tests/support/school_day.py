"""A district's day of attendance with a clock of its own: files that come, families that are told."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from rostersync import paths
from rostersync.embedded.sftp_server import SftpServer, upload_as_district
from rostersync.landing import list_upload
from rostersync.ledger.results import RunResult
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps import sync
from rostersync.pipeline.steps.land import land_folder, land_server
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.pipeline.watch.notices import release_notice
from rostersync.spec import Domain
from tests.support.districts import todays_suites, write_config
from tests.support.uploads import EVENTS, write_core, write_csv

_spec = importlib.util.spec_from_file_location(
    "notice_client", paths.home() / "docs" / "examples" / "notice_client.py"
)
assert _spec is not None
assert _spec.loader is not None
client: Any = importlib.util.module_from_spec(_spec)
sys.modules["notice_client"] = client  # dataclasses look their module up
_spec.loader.exec_module(client)

DAY = "2026-09-02"  # a Wednesday
ELEMENTARY = tuple(f"e{n}" for n in range(1, 21))
SECONDARY = tuple(f"h{n}" for n in range(1, 21))
ZONE = ZoneInfo("America/Chicago")

NOTICES = """\
attendance:
  codes: {A: Absent, T: Tardy, E: Excused, P: Present}
  p0: all_day
  notices:
    - {id: elementary, at: "09:15", schools: ["1"], periods: [all_day], codes: [A]}
    - {id: secondary, at: "10:30", schools: ["2"], periods: ["1", "2"], codes: [A, T]}
    - {id: everyone, at: "15:00", schools: all, periods: [all_day], codes: [A, T]}
"""

Row = Sequence[object]


def absent(*students: str, period: str = "all_day", code: str = "A", day: str = DAY) -> list[Row]:
    """Rows of attendance.csv; who is ``e…`` goes to school 1, who is ``h…`` to school 2."""
    return [[school_of(s), s, day, period, code] for s in students]


def school_of(student: str) -> str:
    return "1" if student.startswith("e") else "2"


class Died(Exception):
    """A process that ends at a bad moment."""


class SchoolDay:
    """Two schools of twenty students, each with a parent, and what their district sends through the day."""

    def __init__(
        self,
        folder: Path,
        warehouse: str,
        more: str = NOTICES,
        server: SftpServer | None = None,
    ) -> None:
        self.folder = folder
        self.warehouse = warehouse
        self.server = server
        self.cfg = write_config(folder / "districts", more=more)
        self._numbers = itertools.count(1)
        self.told: list[tuple[str, str, str]] = []

    def again(
        self,
        folder: Path,
        copy_warehouse: Callable[[str], str],
        more: str = NOTICES,
        server: SftpServer | None = None,
    ) -> SchoolDay:
        """The same district with its past, in copies of archive and warehouse."""
        shutil.copytree(self.folder / "archive", folder / "archive")
        return SchoolDay(folder, copy_warehouse(self.warehouse), more, server)

    def configure(self, more: str) -> None:
        self.cfg = write_config(self.folder / "districts", more=more)

    def night(
        self,
        slot: str = "2026-09-01",
        parents: Mapping[str, Sequence[object]] | None = None,
        *,
        children: Mapping[str, Sequence[object]] | None = None,
        more: Sequence[str] = (),
        now: datetime | None = None,
    ) -> RunResult:
        """The core upload. ``parents``: of some students, other rows than the usual one (name, email).

        ``children``: other names and grade of some students. ``more``: students beside the forty.
        """
        folder = self._fresh()
        students = (*ELEMENTARY, *SECONDARY, *more)
        write_core(folder, students)
        named = {s: ["Aspen", "Testkid", "3"] for s in students} | dict(children or {})
        write_csv(
            folder / "students.csv",
            ["school_id", "student_id", "first_name", "last_name", "grade_level"],
            [[school_of(s), s, *named[s]] for s in students],
        )
        usual = {s: ["Testparent", f"{s}@example.org"] for s in students} | dict(parents or {})
        write_csv(
            folder / "parents.csv",
            ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
            [[school_of(s), s, f"p{s}", "Cedar", *usual[s]] for s in students],
        )
        write_csv(
            folder / "emergency_contacts.csv",
            ["school_id", "student_id", "contact_id", "first_name", "last_name", "email"],
            [[school_of(s), s, f"x{s}", "Cedar", "Testaunt", "aunt@example.org"] for s in students],
        )
        return self.sync(Domain.CORE, slot, folder, now or self.at("20:00", slot))

    def sync(self, domain: Domain, slot: str, folder: Path, now: datetime) -> RunResult:
        return sync_folder(self.run(domain, slot), folder, now=now)

    def run(self, domain: Domain, slot: str) -> Run:
        where = {"archive": str(self.folder / "archive"), "warehouse": self.warehouse}
        return new_run(self.cfg, slot, **where, domain=domain, suites=todays_suites())

    def file(
        self,
        time: str,
        rows: Iterable[Row],
        *,
        slot: str = "09:15",
        day: str = DAY,
        header: Sequence[str] = EVENTS,
    ) -> RunResult:
        """A file that comes at ``time`` for the notice of ``slot``; over SFTP where there is a server."""
        folder = self.upload(rows, header)
        now = self.at(time, day)
        if self.server is None:
            return self.sync(Domain.ATTENDANCE, f"{day}T{slot}", folder, now)
        run = self.run(Domain.ATTENDANCE, f"{day}T{slot}")
        account = self.server.account(self.cfg.id)
        name = "attendance.csv"
        upload_as_district(account, {name: folder / name}, mtime=now.timestamp())
        found = asyncio.run(list_upload(account)).file(name)
        assert found is not None
        seen = {"name": "attendance", "uploaded_as": name, "size": found.size, "mtime": found.mtime}
        landing = land_server(run, account, [seen], now=now)
        return sync.run_landing(run, landing, now=now)

    def disturbed(
        self, time: str, rows: Iterable[Row], *, slot: str, die_at: str | None, day: str = DAY
    ) -> int:
        """As ``file``, in a process that dies at a stage of the load and is begun again; its landing."""
        folder = self.upload(rows)
        landing = 0
        for last, seconds in ((die_at, 0), (None, 20)):
            now = self.at(time, day) + timedelta(seconds=seconds)
            run = self.run(Domain.ATTENDANCE, f"{day}T{slot}")
            landing = land_folder(run, folder, now=now)
            with contextlib.suppress(Died):
                self.load(f"{day}T{slot}", landing, now, die_at=last)
        return landing

    def load(
        self, slot: str, landing: int, now: datetime, *, die_at: str | None = None
    ) -> RunResult:
        """The steps after landing."""

        def on_stage(passed: str) -> None:
            if passed == die_at:
                raise Died

        run = self.run(Domain.ATTENDANCE, slot)
        stage(run, landing)
        validate(run, landing)
        return load(run, landing, now=now, on_stage=on_stage)

    def upload(self, rows: Iterable[Row], header: Sequence[str] = EVENTS) -> Path:
        folder = self._fresh()
        write_csv(folder / "attendance.csv", header, rows)
        return folder

    def release(self, time: str, notice: str = "elementary") -> int:
        """The office lets a held notice go at that moment; how many students it is for."""
        return release_notice(
            self.warehouse,
            district=self.cfg.id,
            notice=notice,
            day=date.fromisoformat(DAY),
            who="office",
            why="a flu",
            now=self.at(time),
        )

    def send(self, time: str, day: str = DAY) -> list[str]:
        """The families told at that moment, as ``student period code ...``."""
        told: list[str] = []

        def tell(notice: Any, contacts: list[Any]) -> None:
            assert contacts, "a notice for nobody"
            assert all(c.email != "aunt@example.org" for c in contacts)
            told.append(f"{notice.student_id} {words(notice.events)}")
            self.told.append((notice.notice_id, notice.student_id, words(notice.events)))

        client.send_due(self.warehouse, tell, consumer="test", moment=self.at(time, day))
        return sorted(told)

    def table(self, columns: str = "notice_id, student_id, state, events") -> list[tuple[Any, ...]]:
        """Every notice, events in words."""
        rows = self.rows(
            f"select {columns} from attendance.notices order by date, notice_id, student_id"
        )
        return [tuple(words(v) if isinstance(v, list) else v for v in row) for row in rows]

    def states(self, notice: str) -> dict[str, str]:
        """Student -> state and events of one notice."""
        return {s: f"{state} {events}" for n, s, state, events in self.table() if n == notice}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.warehouse) as conn:
            return conn.execute(query).fetchall()

    def at(self, time: str, day: str = DAY) -> datetime:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZONE)

    def _fresh(self) -> Path:
        return self.folder / f"upload-{next(self._numbers)}"


def words(events: list[dict[str, str]]) -> str:
    return " ".join(f"{e['period']} {e['code']}" for e in events)

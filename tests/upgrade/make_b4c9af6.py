"""How ``b4c9af6/`` was made: three invented districts, lived through by the code of commit b4c9af6.

It speaks that commit's API, not today's, and was run once, with that commit checked out and installed:
``python make_b4c9af6.py FOLDER`` writes ``FOLDER/archive.tar.xz`` and ``FOLDER/warehouse.tar.xz``. It is kept
as the record of what is in them. Run ids are the same each time; moments that Postgres or the clock gives
are not.

- ``alder``: two schools, everything that a district can send; terms and attendance by row, with notices.
- ``birch``: two schools, contacts without ids, an export of its own words, a server, new and reused ids.
- ``cedar``: one school that sends little, in odd encodings; attendance by column.
"""
# mypy: ignore-errors
# long: it was run once and never changes; a district is lived through in one function.

from __future__ import annotations

import asyncio
import copy
import csv
import importlib.util
import io
import itertools
import os
import random
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from rostersync.demo.postgres import temporary_postgres
from rostersync.demo.sftp_server import SftpServer, upload_as_district
from rostersync.pipeline.notices import resume_notices

from rostersync import paths
from rostersync.archive import Archive
from rostersync.config import load_district
from rostersync.landing import list_upload
from rostersync.ledger import Outcome, RunResult
from rostersync.pipeline import (
    add_waiver,
    approve,
    discard,
    keep_ledger,
    land_server,
    new_run,
    release_notice,
    restore,
    skip_day,
    stop_notices,
    sync,
    sync_folder,
)
from rostersync.spec import FILES, Domain
from rostersync.warehouse import connect, find_holds, migrate

Row = dict[str, Any]
Files = dict[str, list[Row]]

TREES = ("Aspen", "Briar", "Clover", "Dahlia", "Elm", "Fern", "Ginkgo", "Hazel", "Iris", "Juniper")
WHO = {"who": "pat", "why": "an invented reason"}

_ids = random.Random("b4c9af6")
uuid.uuid4 = lambda: uuid.UUID(int=_ids.getrandbits(128), version=4)

_spec = importlib.util.spec_from_file_location(
    "notice_client", paths.home() / "docs" / "examples" / "notice_client.py"
)
client = importlib.util.module_from_spec(_spec)
sys.modules["notice_client"] = client
_spec.loader.exec_module(client)


class District:
    """One district and its uploads."""

    def __init__(self, scratch: Path, warehouse: str, archive: Path, yaml: str) -> None:
        self.scratch, self.warehouse, self.archive, self.yaml = scratch, warehouse, archive, yaml
        self.configure(yaml)
        self._numbers = itertools.count(1)

    def configure(self, yaml: str) -> None:
        name = yaml.split()[1]
        path = self.scratch / "districts" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml)
        self.cfg = load_district(path)

    def run(self, domain: Domain, slot: str) -> Any:
        return new_run(
            self.cfg, slot, archive=self.archive, warehouse=self.warehouse, domain=domain
        )

    def at(self, time: str, day: str) -> datetime:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=self.cfg.zone)

    def upload(self, files: Files, *, encode: Callable[[str, str], bytes] | None = None) -> Path:
        folder = self.scratch / f"{self.cfg.id}-{next(self._numbers)}"
        folder.mkdir()
        for name, rows in files.items():
            text = io.StringIO()
            sent = dict.fromkeys(column for row in rows for column in row)
            header = list(sent or [c.name for c in FILES[name].columns])
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows([header, *([row.get(c, "") for c in header] for row in rows)])
            data = encode(name, text.getvalue()) if encode else text.getvalue().encode()
            (folder / f"{name}.csv").write_bytes(data)
            os.utime(folder / f"{name}.csv", (1788200000, 1788200000))
        return folder

    def night(self, slot: str, files: Files, **more: Any) -> RunResult:
        """A night's upload, from a folder."""
        run = self.run(Domain.CORE, slot)
        return self._said(
            slot, sync_folder(run, self.upload(files, **more), now=self.at("20:00", slot))
        )

    def sent(
        self, server: SftpServer, slot: str, files: Files, *, again: Sequence[str]
    ) -> RunResult:
        """A night's upload over SFTP; the files ``again`` lie there from the night before."""
        now = self.at("20:00", slot)
        folder = self.upload(files)
        account = server.account(self.cfg.id)
        new = {f"{n}.csv": folder / f"{n}.csv" for n in files if n not in again}
        upload_as_district(account, new, mtime=(now - timedelta(hours=1)).timestamp())
        found = asyncio.run(list_upload(account))
        seen = [
            {"name": name, "uploaded_as": f"{name}.csv", "size": one.size, "mtime": one.mtime}
            for name in files
            if (one := found.file(f"{name}.csv")) is not None
        ]
        run = self.run(Domain.CORE, slot)
        landing = land_server(run, account, seen, now=now)
        return self._said(slot, sync.run_landing(run, landing, now=now))

    def terms(self, slot: str, rows: list[Row]) -> RunResult:
        run = self.run(Domain.TERMS, slot)
        return self._said(
            slot, sync_folder(run, self.upload({"terms": rows}), now=self.at("06:00", slot))
        )

    def attendance(self, slot: str, rows: list[Row], *, at: str) -> RunResult:
        """A file of a notice's slot (date and time), loaded at a time of its day."""
        run = self.run(Domain.ATTENDANCE, slot)
        now = self.at(at, slot[:10])
        return self._said(slot, sync_folder(run, self.upload({"attendance": rows}), now=now))

    def send(self, at: str, day: str) -> None:
        """A consumer tells the families whose notice is due."""
        client.send_due(
            self.warehouse, lambda notice, contacts: None, consumer="mail", moment=self.at(at, day)
        )

    def hold(self) -> Any:
        """The newest hold that is open."""
        with connect(self.warehouse) as conn:
            return find_holds(conn, district=self.cfg.id, state="open")[0]

    def approve(self, **more: Any) -> None:
        hold = self.hold()
        self._said(hold.slot, approve(self.run(Domain.CORE, hold.slot), hold, **more, **WHO))

    def discard(self, **more: Any) -> None:
        hold = self.hold()
        discard(self.run(Domain.CORE, hold.slot), hold, **more, **WHO)

    def restore(self, to: str, entities: Sequence[str], schools: Sequence[str] = ()) -> None:
        run = self.run(Domain.CORE, to)
        restore(run, to=to, entities=entities, schools=schools, **WHO)

    def _said(self, slot: str, result: RunResult) -> RunResult:
        if result.outcome not in (Outcome.REJECTED, Outcome.MISSING):
            counts = {
                n: (e.added, e.changed, e.removed, e.carried, e.held)
                for n, e in result.changes.items()
            }
            moved = {n: c for n, c in counts.items() if any(c)}
            found = {
                n: (f.quarantined, f.duplicates)
                for n, f in result.files.items()
                if f.quarantined or f.duplicates
            }
            held = [(h.kind, h.entity, h.scope, h.count) for h in result.holds]
            print(self.cfg.id, slot, result.outcome, moved, found, held, result.message)
        else:
            print(self.cfg.id, slot, result.outcome, result.message)
        return result


# What is in the files


def school(n: str, name: str) -> Row:
    return {
        "school_id": n,
        "school_name": name,
        "school_zip": "00501",
        "school_address": f"{n} Example Street",
        "school_city": "Testfield",
        "school_state": "TX",
        "principal_first_name": "Sage",
        "principal_last_name": "Testprincipal",
        "principal_email": f"office{n}@example.org",
        "school_phone": "214-555-0100",
    }


def tree(n: int) -> str:
    return TREES[n % len(TREES)]


def student(n: str, ident: str, i: int, **more: Any) -> Row:
    return {
        "school_id": n,
        "student_id": ident,
        "first_name": tree(i),
        "last_name": f"Testkid{i // len(TREES) or ''}",
        "grade_level": str(1 + i % 5),
        "status": "1",
        "city": "Testfield",
        **more,
    }


def parent(n: str, ident: str, i: int, parent_id: str = "", **more: Any) -> Row:
    return {
        "school_id": n,
        "student_id": ident,
        "parent_id": parent_id,
        "first_name": tree(i + 3),
        "last_name": f"Testparent{i // len(TREES) or ''}",
        "email": f"Parent{i}@Example.org",
        "mobile": f"(214) 555-{1000 + i}",
        "language": ("en", "Spanish", "", "Hmong")[i % 4],
        "primary": "1",
        **more,
    }


def staff(n: str, ident: str, i: int, **more: Any) -> Row:
    return {
        "school_id": n,
        "staff_id": ident,
        "title": "Teacher",
        "first_name": tree(i + 6),
        "last_name": "Teststaff",
        "email": f"staff{i}@example.org",
        "mobile": "",
        "login": f"staff{i}",
        **more,
    }


def without(rows: Iterable[Row], **values: str) -> list[Row]:
    """The rows that do not have all of these values."""
    return [r for r in rows if any(r.get(k) != v for k, v in values.items())]


def changed(rows: Iterable[Row], where: dict[str, str], **values: Any) -> list[Row]:
    """The rows, with other values where they have those of ``where``."""
    return [{**r, **values} if all(r.get(k) == v for k, v in where.items()) else r for r in rows]


def events(day: str, codes: dict[str, str], period: str = "all_day") -> list[Row]:
    """Rows of attendance.csv; of alder the first digit of a student's number is the school's."""
    return [
        {"school_id": s[0], "student_id": s, "date": day, "period": period, "code": code}
        for s, code in codes.items()
    ]


# alder

ALDER = """\
id: alder
name: Alder Test District
timezone: America/Chicago
sftp: {conn_id: sftp_alder, folder: /}
first_load: approve
district_office: ["900"]
terms: {day: sun, at: "06:00"}
attendance:
  codes: {A: Absent, T: Tardy, E: Excused}
  p0: all_day
  notices:
    - {id: morning, at: "09:15", schools: ["1"], periods: [all_day], codes: [A]}
    - {id: afternoon, at: "15:00", schools: all, periods: [all_day, "7"], codes: [A, T]}
calendar_days: {holidays: [2026-09-07]}
"""


def alder_files() -> Files:
    pupils = [(n, f"{n}{i:02}", 16 * (int(n) - 1) + i) for n in "12" for i in range(16)]
    second = [parent(n, s, i + 40, f"{4101 + i}") for n, s, i in pupils if i % 4 == 0]
    return {
        "schools": [school("1", "Alder Elementary"), school("2", "Alder Middle")],
        "students": [student(n, s, i) for n, s, i in pupils],
        "parents": [parent(n, s, i, str(4001 + i)) for n, s, i in pupils] + second,
        "staff": [
            staff("1", "4001", 1),
            staff("2", "4002", 2, mobile="214.555.0302 x7"),
            staff("1", "4003", 3),
            staff("2", "4003", 3),
            staff("900", "4009", 9, title="Superintendent"),
        ],
        "sections": [
            {
                "school_id": n,
                "section_id": f"{n}-{c}",
                "term_id": "FALL",
                "staff_id": f"400{t}",
                "course_name": course,
                "period_number": c,
                "is_primary": "1",
            }
            for n, c, t, course in (
                ("1", "1", 1, "Botany"),
                ("1", "2", 3, "Geometry"),
                ("2", "1", 2, "Botany"),
                ("2", "2", 3, "History"),
            )
        ],
        "rosters": [
            {"school_id": n, "section_id": f"{n}-{1 + i % 2}", "student_id": s}
            for n, s, i in pupils
        ],
        "groups": [
            {"school_id": "1", "group_id": "g1", "group_name": "Chess", "category": "Club"},
            {"school_id": "1", "group_id": "g2", "group_name": "Garden", "category": "Club"},
            {"school_id": "2", "group_id": "g3", "group_name": "Choir", "category": ""},
            {"school_id": "900", "group_id": "g9", "group_name": "Council", "category": ""},
        ],
        "group_members": [
            {"school_id": "1", "group_id": g, "student_id": f"1{i:02}"}
            for g, i in (("g1", 0), ("g1", 1), ("g1", 2), ("g2", 3), ("g2", 4))
        ],
        "group_user_members": [
            {**blank_member(), "group_id": "g1", "staff_id": "4001", "role": "owner"},
            {**blank_member(), "group_id": "g2", "parent_id": "4001"},
            {**blank_member(), "group_id": "g2", "parent_id": "4002"},
            {**blank_member(), "group_id": "g1", "email": "PARENT3@example.org"},
            {**blank_member(), "group_id": "g1", "mobile": "214-555-1004"},
            {**blank_member(), "school_id": "2", "group_id": "g3", "email": "staff2@example.org"},
            {**blank_member(), "school_id": "900", "group_id": "g9", "staff_id": "4009"},
        ],
        "emergency_contacts": [
            {
                "school_id": n,
                "student_id": s,
                "contact_id": f"x{i}",
                "first_name": tree(i + 5),
                "last_name": "Testaunt",
                "email": "",
                "phone": f"214-555-{2000 + i}",
            }
            for n, s, i in pupils
            if i % 3 == 0
        ],
    }


def blank_member() -> Row:
    return {
        "school_id": "1",
        "group_id": "",
        "staff_id": "",
        "parent_id": "",
        "email": "",
        "mobile": "",
        "role": "member",
    }


def alder_terms(*more: Row) -> list[Row]:
    return [
        {
            "school_id": n,
            "term_id": "FALL",
            "term_name": "Fall",
            "portion": "semester",
            "start_date": "2026-08-17",
            "end_date": "12/18/2026",
            "school_year": "2026",
        }
        for n in "12"
    ] + list(more)


def alder(d: District) -> None:
    files = alder_files()
    # the first upload waits for a person
    d.night("2026-09-01", files)
    d.approve()

    # broken records of people who are known (carried), repeats, and records of nobody
    broken = copy.deepcopy(files)
    broken["students"] = changed(files["students"], {"student_id": "103"}, last_name="")
    broken["students"] = changed(broken["students"], {"student_id": "104"}, grade_level="5")
    broken["students"].append(student("1", "104", 4, grade_level="2", first_name="Briar"))
    broken["students"].append(student("2", "205", 21))
    broken["parents"] = changed(files["parents"], {"parent_id": "4006"}, email="", mobile="")
    broken["parents"] = changed(broken["parents"], {"parent_id": "4007"}, mobile="555", email="x@")
    broken["rosters"].append({"school_id": "1", "section_id": "1-1", "student_id": "999"})
    broken["group_user_members"].append(
        {**blank_member(), "group_id": "g1", "email": "no@example.org"}
    )
    broken["emergency_contacts"][1] |= {"phone": ""}
    d.night("2026-09-02", broken)

    d.attendance(
        "2026-09-02T09:15", events("2026-09-02", {"101": "A", "102": "A", "201": "T"}), at="09:00"
    )
    d.send("09:20", "2026-09-02")
    # one came after all, one is nobody, one code nobody knows
    rows = events(
        "2026-09-02",
        {"101": "A", "103": "A", "105": "A", "201": "T", "202": "A", "203": "Q", "299": "A"},
    )
    d.attendance("2026-09-02T15:00", rows, at="14:50")
    d.attendance("2026-09-02T15:00", [r for r in rows if r["student_id"] != "202"], at="14:55")
    d.send("15:01", "2026-09-02")

    # a correction: the first export lacked the second school's parents and classes
    short = copy.deepcopy(files)
    short["students"] = changed(files["students"], {"student_id": "107"}, city="Oakfield")
    whole = {**short, "students": [*short["students"], student("2", "299", 29)]}
    short["rosters"] = short["rosters"][:20]
    short["emergency_contacts"] = short["emergency_contacts"][:5]
    d.night("2026-09-03", short)
    d.night("2026-09-03", whole)  # and who was nobody yesterday is somebody

    d.attendance(
        "2026-09-03T09:15",
        events("2026-09-03", {f"1{i:02}": "A" for i in range(12)}),
        at="09:05",  # more than the mass guard lets go
    )
    release_notice(
        d.warehouse,
        district="alder",
        notice="morning",
        day=date(2026, 9, 3),
        now=d.at("09:30", "2026-09-03"),
        **WHO,
    )
    d.send("09:31", "2026-09-03")
    d.attendance("2026-09-03T15:00", [], at="14:50")  # nobody is absent

    # terms, in their second week with a third term
    d.terms("2026-09-06", alder_terms())
    spring = {
        "term_id": "SPRING",
        "term_name": "Spring",
        "start_date": "1/5/2027",
        "end_date": "5/28/2027",
    }
    d.terms("2026-09-13", alder_terms({**alder_terms()[0], **spring, "school_year": "2026"}))

    # a class leaves: seven of the second school's sixteen, which waits and is approved
    left = copy.deepcopy(whole)
    gone = {f"2{i:02}" for i in range(9, 16)}
    for name in ("students", "parents", "rosters", "emergency_contacts"):
        left[name] = [r for r in whole[name] if r["student_id"] not in gone]
    members = left["group_user_members"]
    left["group_user_members"] = changed(members, {"parent_id": "4002"}, role="owner")
    left["group_members"] = left["group_members"][:-1]
    d.night("2026-09-08", left)
    d.approve()

    # the night of the fourth comes late: what followed is computed anew
    late = copy.deepcopy(whole)
    late["students"] = changed(whole["students"], {"student_id": "108"}, first_name="Sorrel")
    late["staff"] = changed(whole["staff"], {"staff_id": "4002"}, last_name="Testname")
    late["parents"] = [*whole["parents"], parent("1", "108", 77, "4201")]
    d.night("2026-09-04", late)

    skip_day(
        d.warehouse, district="alder", day=date(2026, 9, 9), now=d.at("06:00", "2026-09-09"), **WHO
    )
    d.attendance(
        "2026-09-08T09:15",
        events("2026-09-08", {f"1{i:02}": "A" for i in range(2, 12)}),
        at="09:00",  # is held and lapses
    )
    stop_notices(d.warehouse, district="alder", now=d.at("14:00", "2026-09-08"), **WHO)
    d.attendance(
        "2026-09-08T15:00", events("2026-09-08", {"104": "T", "205": "A"}, "7"), at="14:45"
    )
    resume_notices(d.warehouse, district="alder", now=d.at("14:50", "2026-09-08"), **WHO)

    # seven contacts fewer, which waits and is discarded
    fewer = copy.deepcopy(left)
    fewer["parents"] = [
        r
        for r in left["parents"]
        if not "4103" < r["parent_id"] < "4200" and r["parent_id"] > "4004"
    ]
    fewer["group_user_members"] = without(left["group_user_members"], email="PARENT3@example.org")
    d.night("2026-09-09", fewer)
    d.discard()
    d.night("2026-09-10", left)  # the very bytes of the eighth: the whole upload waits
    d.approve()

    # half an export, loaded and taken back; a file that is missing; a member who is nobody any more
    odd = copy.deepcopy(left)
    odd["parents"] = [{**r, "mobile": ""} if i < 15 else r for i, r in enumerate(left["parents"])]
    odd["parents"] = changed(odd["parents"], {"parent_id": "4004"}, email="new@example.org")
    odd["sections"] = changed(left["sections"], {"section_id": "1-2"}, staff_id="4001")
    del odd["groups"]
    d.night("2026-09-11", odd)
    d.restore("2026-09-10", ["parents"])

    # the second school is not in schools.csv, which waits until today
    missing = copy.deepcopy(left)
    missing["schools"] = missing["schools"][:1]
    d.night("2026-09-14", missing)


# birch

BIRCH = """\
id: birch
name: Birch Test District
timezone: America/New_York
sftp: {conn_id: sftp_birch, folder: /}
first_load: auto
maps: {grades: {KG: 0}, languages: {SP: es}, status: {I: drop}}
files:
  students: {headers: {Grade: grade_level}}
"""


def birch_files() -> Files:
    pupils = [
        (n, f"{int(n) * 100 + i:05}", i + 12 * (int(n) - 1)) for n in "12" for i in range(1, 13)
    ]
    files = {
        "schools": [school("1", "Birch School"), school("2", "Lower Birch School")],
        "students": [
            student(n, s, i, state_student_id=f"TX{i:04}", Bus=f"Route {i % 3}")
            for n, s, i in pupils
        ],
        "parents": [parent(n, s, i) for n, s, i in pupils],
        "staff": [staff("1", "b1", 1), staff("2", "b2", 2), staff("2", "b3", 2, login="staff3")],
        "sections": [
            {
                "school_id": n,
                "section_id": f"{n}{c}",
                "staff_id": t,
                "course_name": "Ökologie" if c == "A" else "Botany",
                "section_number": c,
                "is_primary": "1",
            }
            for n, c, t in (("1", "A", "b1"), ("2", "A", "b2"), ("2", "A", "b3"), ("2", "B", "b3"))
        ],
        "rosters": [{"school_id": n, "section_id": f"{n}A", "student_id": s} for n, s, _ in pupils],
        "groups": [{"school_id": "2", "group_id": "7", "group_name": "Band", "category": "Music"}],
        "group_members": [
            {"school_id": "2", "group_id": "7", "student_id": s} for _, s, _ in pupils[14:18]
        ],
        "group_user_members": [
            {
                **blank_member(),
                "school_id": "2",
                "group_id": "7",
                "staff_id": "b2",
                "role": "owner",
            },
            {**blank_member(), "school_id": "2", "group_id": "7", "mobile": "(214) 555-1015"},
        ],
    }
    for row in files["students"]:
        row["Grade"] = row.pop("grade_level")
    files["students"].append({**files["students"][2], "school_id": "2"})  # at two schools
    files["parents"].append(parent("1", "00101", 70, first_name=tree(4), last_name="Testparent"))
    return files


def birch(d: District, server: SftpServer) -> None:
    files = birch_files()
    d.night("2026-08-31", files)

    # words of the district; a namesake, whose key grows; a value two people share
    more = copy.deepcopy(files)
    more["students"] = changed(files["students"], {"student_id": "00105"}, Grade="KG")
    more["students"].append(
        {
            **files["students"][0],
            "student_id": "00999",
            "first_name": "Rue",
            "status": "I",
            "state_student_id": "",
        }
    )
    more["parents"] = changed(files["parents"], {"student_id": "00106"}, language="SP")
    more["staff"] = changed(files["staff"], {"staff_id": "b3"}, email="staff3@example.org")
    d.sent(server, "2026-09-01", more, again=())

    # three files are last night's; a new column
    stale = copy.deepcopy(more)
    stale["students"] = [{**r, "Locker": r["student_id"][-2:]} for r in more["students"]]
    d.sent(server, "2026-09-02", stale, again=("staff", "sections", "rosters"))

    add_waiver(
        d.warehouse,
        d.run(Domain.CORE, "2026-09-03").inputs,
        rule="parents.language.known",
        until=date(2026, 12, 1),
        now=d.at("12:00", "2026-09-03"),
        **WHO,
    )
    # ids that lost their zeros, one in quarantine
    damaged = copy.deepcopy(more)
    damaged["students"] = changed(more["students"], {"student_id": "00108"}, student_id="108")
    damaged["students"] = changed(damaged["students"], {"student_id": "00109"}, first_name="")
    damaged["parents"] = changed(more["parents"], {"student_id": "00108"}, student_id="108")
    damaged["parents"] = changed(damaged["parents"], {"student_id": "00110"}, language="Testish")
    d.night("2026-09-03", damaged)

    # a required column is gone, and comes back in a correction
    headless = copy.deepcopy(more)
    headless["students"] = [
        {k: v for k, v in r.items() if k != "last_name"} for r in more["students"]
    ]
    d.night("2026-09-04", headless)
    more["students"] = changed(
        more["students"], {"student_id": "00206"}, cellphone="1 214 555 0206"
    )
    d.night("2026-09-04", more)

    # six students under new ids: a person says that they are
    renamed = copy.deepcopy(more)
    new = {f"{101 + i:05}": f"N{101 + i}" for i in range(6)}
    for name in ("students", "parents", "rosters"):
        renamed[name] = [
            {**r, "student_id": new.get(r["student_id"], r["student_id"])} for r in more[name]
        ]
    d.night("2026-09-08", renamed)
    d.approve()

    # another child under a known id, which waits and is discarded for a while
    other = copy.deepcopy(renamed)
    kid = {
        "first_name": "Yarrow",
        "last_name": "Testchild",
        "Grade": "9",
        "state_student_id": "TX9999",
    }
    other["students"] = changed(renamed["students"], {"student_id": "00211"}, **kid)
    other["parents"] = changed(
        renamed["parents"],
        {"student_id": "00211"},
        first_name="Zinnia",
        last_name="Testchild",
        email="z@example.org",
        mobile="",
    )
    d.night("2026-09-09", other)
    d.discard(until=date(2026, 9, 20))
    d.night("2026-09-10", other)

    # the second school is not in students.csv
    absent = copy.deepcopy(other)
    absent["students"] = [r for r in other["students"] if r["school_id"] == "1"]
    d.night("2026-09-11", absent)


# cedar

CEDAR = """\
id: cedar
name: Cedar Test School
timezone: America/Los_Angeles
sftp: {conn_id: sftp_cedar, folder: /}
first_load: auto
attendance:
  codes: {"U": Unexcused, "L": Late}
  p0: zero_period
  notices:
    - {id: day, at: "10:00", periods: ["1", "2"], codes: ["U"]}
windows: [{from: 2026-09-10, to: 2026-09-30, mode: adds_only}]
"""


def cedar_files() -> Files:
    pupils = [f"c{i}" for i in range(1, 13)]
    return {
        "schools": [school("1", "Cedar School")],
        "students": [student("1", s, i) for i, s in enumerate(pupils)],
        "parents": [parent("1", s, i, f"p{i}") for i, s in enumerate(pupils)],
        "staff": [staff("1", "t1", 1, last_name="Testpeña")],
        "sections": [
            {"school_id": "1", "section_id": "H", "staff_id": "t1", "course_name": "Homeroom"}
        ],
        "rosters": [{"school_id": "1", "section_id": "H", "student_id": s} for s in pupils],
    }


def cedar_codes(day: str, codes: dict[str, Sequence[str]]) -> list[Row]:
    """Attendance by column, p0 to p3."""
    blank = ["", "", "", ""]
    return [
        {
            "school_id": "1",
            "student_id": f"c{i}",
            "date": day,
            **{f"p{n}": code for n, code in enumerate(codes.get(f"c{i}", blank))},
        }
        for i in range(1, 13)
    ]


def cedar(d: District) -> None:
    def odd(name: str, text: str) -> bytes:
        if name == "staff":
            return text.encode("cp1252")
        if name == "parents":
            return text.encode("utf-16")
        return text.replace("\n", "\r\n").encode()

    files = cedar_files()
    d.night("2026-08-31", files)
    d.night("2026-09-01", files)  # the same
    d.night("2026-09-02", files, encode=odd)  # the same in other bytes

    d.attendance(
        "2026-09-02T10:00",
        cedar_codes("2026-09-02", {"c2": ["", "U", "U", ""], "c3": ["L", "L", "", ""]}),
        at="09:50",
    )
    d.send("10:01", "2026-09-02")
    d.attendance(
        "2026-09-02T18:00",
        cedar_codes("2026-09-02", {"c3": ["L", "L", "", ""], "c4": ["", "", "", "U"]}),
        at="18:00",
    )

    files["staff"] = [staff("1", "t1", 1)]
    summer = {**files, "sections": files["sections"][:0], "rosters": files["rosters"][:0]}
    d.night("2026-09-03", summer)  # no classes: they are carried
    d.night("2026-09-04", {n: r for n, r in files.items() if n != "students"})  # fails
    more = copy.deepcopy(files)
    more["students"].append(student("1", "c13", 13))
    more["parents"].append(parent("1", "c13", 13, "p13"))
    more["parents"] = without(more["parents"], parent_id="p5")
    d.night("2026-09-08", more)
    d.attendance(
        "2026-09-08T10:00", cedar_codes("2026-09-08", {"c2": ["", "U", "", ""]}), at="09:45"
    )
    with psycopg.connect(d.warehouse) as conn:  # by a consumer that dies before it has told
        take = "select * from attendance.take_notices('mail', 1, %s)"
        conn.execute(take, [d.at("10:02", "2026-09-08")])
    fewer = copy.deepcopy(more)
    fewer["students"] = without(more["students"], student_id="c1")
    fewer["parents"] = without(more["parents"], student_id="c1")
    fewer["rosters"] = without(more["rosters"], student_id="c1")
    fewer["students"] = changed(
        fewer["students"], {"student_id": "c2"}, address_line1="2 Example Street"
    )
    d.night("2026-09-10", fewer)  # in a window that only adds
    files["staff"] = [staff("1", "t1", 1, title="Principal")]
    d.night("2026-09-07", files)  # late


# The two tarballs


def dump(url: str, into: Path) -> None:
    """Every table as CSV, and the migrations that made them."""
    query = """
        select table_schema || '.' || table_name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
        order by 1
    """
    with psycopg.connect(url, options="-c timezone=UTC -c datestyle=ISO") as conn:
        for (name,) in conn.execute(query).fetchall():
            copied = (
                f"copy (select * from {name} as t order by t::text) to stdout (format csv, header)"
            )
            with conn.cursor().copy(copied) as rows, (into / f"{name}.csv").open("wb") as file:
                for block in rows:
                    file.write(block)
    sql = paths.sql_folder() / "warehouse"
    (into / "0000_record.sql").write_bytes((sql / "migrations_record.sql").read_bytes())
    for path in (sql / "migrations").glob("*.sql"):
        (into / path.name).write_bytes(path.read_bytes())


def pack(folder: Path, target: Path) -> None:
    """The folder's files, in order, of nobody and of one moment."""

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = info.mtime = 0
        info.uname = info.gname = ""
        return info

    with tarfile.open(target, "w:xz", preset=9) as tar:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            tar.add(path, path.relative_to(folder), filter=plain)


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, temporary_postgres() as postgres:
        scratch = Path(folder)
        archive, tables = scratch / "archive", scratch / "warehouse"
        tables.mkdir()
        postgres.create_login("owner", createrole=True)
        postgres.create_database("warehouse", "owner")
        url = postgres.dsn("warehouse", "owner")
        migrate(url)
        alder(District(scratch, url, archive, ALDER))
        with SftpServer(scratch / "sftp", {"birch": "pw"}) as server:
            birch(District(scratch, url, archive, BIRCH), server)
        cedar(District(scratch, url, archive, CEDAR))
        for district in ("alder", "birch", "cedar"):
            keep_ledger(url, Archive(archive), district)
        dump(url, tables)
        pack(archive, target / "archive.tar.xz")
        pack(tables, target / "warehouse.tar.xz")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

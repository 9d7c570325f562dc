"""Files of attendance of one district, resolved one after the other."""

from __future__ import annotations

import json
from typing import Any

from rostersync.archive import Archive, Layout
from rostersync.diff import Codes, compute_diff
from rostersync.engine import open_session
from rostersync.fold import DAY_MARK, Settled, SlotDiff
from rostersync.spec import Domain
from tests.support.landings import AnyRule, Row, Upload, write_upload

DAY, OTHER_DAY = "2026-09-01", "2026-09-02"


def event(student: str, period: str = "1", code: str | None = "A", **values: Any) -> Row:
    return {
        "school_id": "1",
        "student_id": student,
        "date": DAY,
        "period": period,
        "code": code,
        **values,
    }


def whole(student: str, codes: dict[str, str | None], **values: Any) -> Row:
    """A record of the layout by column."""
    return event(student, None, None, codes=json.dumps(codes), **values)  # type: ignore[arg-type]


class Day:
    """Resolves files of one district one after the other."""

    def __init__(self, archive: Archive, students: list[str]) -> None:
        self.archive = archive
        self.foreign = {"students": "f" * 32}
        self.diffs: list[SlotDiff] = []
        self.codes = Codes(("A", "T"))
        layout = Layout("testville", Domain.CORE, "x")
        with open_session(archive, is_tiny=True) as session:
            known = ", ".join(f"('{s}')" for s in students)
            session.write_parquet(
                f"from (values {known}) as t(student_id)", layout.state("students", "f" * 32)
            )

    def file(self, *rows: Row, **upload: Any) -> SlotDiff:
        layout = Layout("testville", Domain.ATTENDANCE, f"2026-09-01T{len(self.diffs) + 7:02}:00")
        files = write_upload(
            self.archive,
            layout.check(1, "pin"),
            Upload({"attendance": list(rows)}, **upload),
            Domain.ATTENDANCE,
        )
        diff = compute_diff(
            self.archive,
            layout,
            landing=1,
            pin="pin",
            files=files,
            findings=f"{layout.check(1, 'pin')}/findings.parquet",
            previous=self.state,
            rules=AnyRule(),
            settled=Settled(self.foreign),
            codes=self.codes,
        )
        self.diffs.append(diff)
        return diff

    @property
    def state(self) -> dict[str, str]:
        state: dict[str, str] = {}
        for diff in self.diffs:
            state |= diff.fingerprints
        return state

    @property
    def counts(self) -> tuple[int, int, int]:
        file = self.diffs[-1].files["attendance"]
        assert file.records == file.accepted + file.quarantined + file.duplicates
        return file.accepted, file.quarantined, file.duplicates

    def events(self) -> list[tuple[str, ...]]:
        layout = Layout("testville", Domain.ATTENDANCE, "x")
        found: list[tuple[str, ...]] = []
        with open_session(self.archive, is_tiny=True) as session:
            for name, fingerprint in self.state.items():
                if DAY_MARK in name and int(fingerprint, 16):
                    session.view_parquet("s", layout.state("attendance", fingerprint))
                    query = "select school_id, student_id, date::varchar, period, code from s"
                    found += session.con.execute(query).fetchall()
        return sorted(found)

    def said(self) -> list[tuple[str, str]]:
        """Events as (student, period)."""
        return [(student, period) for _, student, _, period, _ in self.events()]

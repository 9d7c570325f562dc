"""A district's night with its server, archive and warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rostersync.embedded.sftp_server import SftpServer, upload_as_district
from rostersync.errors import RejectedUploadError
from rostersync.landing import Source, WaitPlan
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps.land import land_server
from rostersync.pipeline.steps.report import record_failure
from rostersync.pipeline.steps.wait import plan_wait
from tests.support.districts import write_config
from tests.support.uploads import write_core

SLOT = "2026-09-01"
SENT = datetime(2026, 9, 2, 1, 30, tzinfo=UTC).timestamp()  # 20:30 in Chicago
TONIGHT = datetime(2026, 9, 2, 3, tzinfo=UTC)
TOMORROW = datetime(2026, 9, 2, 12, tzinfo=UTC)


class OneSlot:
    """A district's slot with its server, archive and warehouse."""

    def __init__(self, folder: Path, warehouse: str, server: SftpServer) -> None:
        self.cfg = write_config(folder / "districts")
        self.folder = folder
        self.server = server
        self.warehouse = warehouse

    @property
    def run(self) -> Run:
        return self.run_of(SLOT)

    def run_of(self, slot: str, airflow_run_id: str | None = None) -> Run:
        return new_run(
            self.cfg,
            slot,
            archive=self.folder / "archive",
            warehouse=self.warehouse,
            airflow_run_id=airflow_run_id,
        )

    def upload(self, *students: str) -> Path:
        folder = self.folder / f"upload-{'-'.join(students)}"
        return write_core(folder, students)

    def land_from_server(self, *students: str, at: float = SENT) -> int:
        account = self.server.account(self.cfg.id)
        files = {p.name: p for p in self.upload(*students).iterdir()}
        upload_as_district(account, files, mtime=at)
        seen = [
            {"name": p.stem, "uploaded_as": p.name, "size": p.stat().st_size, "mtime": at}
            for p in files.values()
        ]
        return land_server(self.run, account, seen)

    def reject(self, landing: int) -> None:
        """What a run leaves behind that finds a landing unusable."""
        stage(self.run, landing)
        validate(self.run, landing)
        record_failure(self.run, landing, RejectedUploadError("A required file cannot be used"))

    def plan(self, source: Source = Source.AUTO, now: datetime = TOMORROW) -> WaitPlan:
        return plan_wait(self.run, source=source, now=now)

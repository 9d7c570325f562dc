"""The ledger of runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rostersync.engine import render_sql
from rostersync.ledger.results import RunResult
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


@dataclass(frozen=True, slots=True)
class RunRow:
    """Who ran what: the identity of one attempt at a slot. ``started_at`` is aware."""

    run_id: str
    district: str
    domain: Domain
    slot: str
    started_at: datetime
    airflow_run_id: str | None = None


def record_run(
    conn: Connection,
    run: RunRow,
    result: RunResult,
    *,
    landing: int | None = None,
    pin: str | None = None,
) -> None:
    """Keep what a run did, its files and findings; the same run recorded again replaces itself."""
    values: dict[str, Any] = {
        "run_id": run.run_id,
        "district": run.district,
        "domain": str(run.domain),
        "slot": run.slot,
        "landing": landing,
        "pin": pin,
        "outcome": str(result.outcome),
        "message": result.message,
        "recomputed": list(result.recomputed),
        "started_at": run.started_at,
        "airflow_run_id": run.airflow_run_id,
    }
    with conn.transaction():
        conn.execute(render_sql("postgres/ledger/record_run.sql"), values)
        for table in ("files", "findings"):
            conn.execute(f"delete from sync.{table} where run_id = %s", [run.run_id])
        for name, file in result.files.items():
            counts = {k: v for k, v in asdict(file).items() if k != "findings"}
            conn.execute(
                render_sql("postgres/ledger/record_file.sql"),
                {**counts, "run_id": run.run_id, "file": name, "state": str(file.state)},
            )
        findings = [(name, f) for name, file in result.files.items() for f in file.findings]
        for name, f in (*findings, *result.names):
            conn.execute(
                render_sql("postgres/ledger/record_finding.sql"),
                {**asdict(f), "run_id": run.run_id, "file": name, "lines": list(f.lines)},
            )

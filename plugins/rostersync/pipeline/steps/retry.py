"""After a night's load: attendance of students who were unknown until now is resolved once more."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from rostersync.engine import render_sql
from rostersync.engine.postgres import connect
from rostersync.ledger.results import RunResult
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.steps.load import load
from rostersync.spec import Domain


def retry_unknown_students(run: Run, *, now: datetime | None = None) -> dict[str, RunResult]:
    """Load again the attendance that the night before left out for unknown students; results by slot.

    ``run``: the night that was loaded. Looks at attendance slots since the night before, whose newest run had
    such records; each keeps its landing and its pin. Nobody is told of them any more. Safe to repeat.
    """
    if run.domain is not Domain.CORE or run.cfg.attendance is None:
        return {}
    with connect(run.warehouse) as conn:
        nights = applied_slots(conn, run.district, Domain.CORE).before(run.slot)
        fold = {s.slot: s for s in applied_slots(conn, run.district, Domain.ATTENDANCE)}
        waiting = conn.execute(
            render_sql("postgres/ledger/slots_with_finding.sql"),
            {
                "district": run.district,
                "domain": str(Domain.ATTENDANCE),
                "rule": "attendance.student_id.known",
                "since": nights[-1].slot if nights else "",
            },
        ).fetchall()
    results = {}
    for (slot,) in waiting:
        applied = fold[slot]
        one = replace(
            run,
            inputs=run.pinned(applied.pin),
            domain=Domain.ATTENDANCE,
            slot=slot,
            run_id=str(uuid.uuid4()),
            started_at=datetime.now(UTC),
        )
        results[slot] = load(one, applied.landing, again=True, now=now)
    return results

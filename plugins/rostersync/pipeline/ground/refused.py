"""Slots for which nothing may be synced."""

from __future__ import annotations

from rostersync.config import refuse_future
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import SlotError
from rostersync.ledger.removed import removed_slot
from rostersync.pipeline.ground.run import Run


def refuse_slot(conn: Connection, run: Run) -> None:
    """Raise SlotError for a run of a slot that lies in its future, or that a person took out of the fold."""
    refuse_future(run.cfg, run.domain, run.slot, run.started_at)
    removed = removed_slot(conn, run.district, run.domain, run.slot)
    if removed is not None:
        raise SlotError(
            "This slot was taken out of the warehouse",
            district=run.district,
            domain=run.domain,
            slot=run.slot,
            found=f"removed by {removed.who}, {removed.at:%Y-%m-%d %H:%M} UTC",
            next_step="if it is to count again: rostersync slots restore"
            f" --district {run.district} --domain {run.domain} {run.slot} --reason ...; then run it",
        )


def refuse_run(run: Run) -> None:
    """As :func:`refuse_slot`, before anything waits for the slot's files."""
    with connect(run.warehouse) as conn:
        refuse_slot(conn, run)

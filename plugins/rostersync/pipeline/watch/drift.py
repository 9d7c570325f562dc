"""Drift: is the warehouse still what was loaded? A cheap look before each load, a full one on demand."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from rostersync.archive import Archive, Layout
from rostersync.diff import compare_stored
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import DriftError
from rostersync.fold import Fold
from rostersync.ledger.drift import Drift
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.run import Run
from rostersync.spec import ENTITIES, Domain
from rostersync.warehouse import count_drift, lock_fold, read_current, repair_current


def find_drift(
    warehouse: str, archive: Archive, *, district: str, domain: Domain, full: bool = False
) -> Drift:
    """Hold the domain's current tables against the newest slot. Reads only, and waits for no load.

    ``full``: compare every row with the archive; else count. Raises ArchiveError.
    """
    with connect(warehouse) as conn, conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        fold = applied_slots(conn, district, domain)
        with tempfile.TemporaryDirectory(prefix="rostersync-drift-") as scratch:
            return _look(conn, archive, district, domain, fold, Path(scratch) if full else None)


def repair_drift(warehouse: str, archive: Archive, *, district: str, domain: Domain) -> Drift:
    """Bring current back to what the change log says, wherever it differs from the archive; what was found.

    One transaction under the fold's lock: loads wait. The result is compared once more. Raises DriftError,
    with nothing written, when current would still differ: then the log itself is damaged.
    """
    with connect(warehouse) as conn, conn.transaction():
        lock_fold(conn, district, domain)
        return _repair(conn, archive, district, domain, applied_slots(conn, district, domain))


def drift_before_load(conn: Connection, run: Run, fold: Fold, *, dry: bool = False) -> str:
    """The cheap look, before a slot is applied, and what the district's YAML says to do about drift.

    ``repair``: put it right, inside the caller's transaction (``dry``: only tell). ``warn``: only tell.
    ``fail``: raise DriftError. Returns what to tell; empty when there is no drift.
    """
    newest = fold[-1].slot if fold else None
    found = Drift(str(run.domain), newest, count_drift(conn, run.district, run.domain, newest))
    if not found.found:
        return ""
    if run.cfg.drift == "repair" and not dry:
        repaired = _repair(conn, run.archive, run.district, run.domain, fold)
        return (
            "The warehouse's tables were not as the last load left them and were repaired before this one:"
            f" {repaired.words()}. Find out who writes to them."
        )
    error = DriftError(
        "The warehouse's tables are not as the last load left them",
        district=run.district,
        domain=run.domain,
        slot=newest,
        found=found.words(),
        next_step=f"run `rostersync drift --district {run.district} --domain {run.domain} --full`, then with"
        " `--repair` if nobody meant it",
    )
    if run.cfg.drift == "fail":
        raise error
    return error.message()


def _repair(
    conn: Connection,
    archive: Archive,
    district: str,
    domain: Domain,
    fold: Fold,
) -> Drift:
    """Inside the caller's transaction, under the fold's lock."""
    with tempfile.TemporaryDirectory(prefix="rostersync-drift-") as scratch:
        found = _look(conn, archive, district, domain, fold, Path(scratch))
        for name in found.found:
            repair_current(
                conn, district, domain, ENTITIES[name], found.newest, _keys(Path(scratch), name)
            )
        if found.found:
            left = _look(conn, archive, district, domain, fold, Path(scratch))
            if left.found:
                raise DriftError(
                    "The change log and the ledger do not give the archived state: they are damaged, too",
                    district=district,
                    domain=domain,
                    slot=found.newest,
                    found=left.words(),
                    next_step="nothing was written; see docs/runbooks/drift.md, a damaged log",
                )
    return replace(found, is_repaired=bool(found.found))


def _look(
    conn: Connection,
    archive: Archive,
    district: str,
    domain: Domain,
    fold: Fold,
    scratch: Path | None,
) -> Drift:
    """``scratch``: compare every row, and leave the keys that differ there."""
    newest = fold.newest
    slot = newest.slot if newest else None
    entities = count_drift(conn, district, domain, slot)
    if scratch is None:
        return Drift(str(domain), slot, entities)
    layout = Layout(district, domain, slot or "")
    for name, counted in entities.items():
        stored, keys = scratch / "stored.csv", _keys(scratch, name)
        keys.unlink(missing_ok=True)
        read_current(conn, district, ENTITIES[name], stored)
        missing, extra, different = compare_stored(
            archive,
            layout,
            ENTITIES[name],
            stored=stored,
            fingerprints=fold.state,
            keys=keys,
        )
        entities[name] = replace(counted, missing=missing, extra=extra, different=different)
    return Drift(str(domain), slot, entities, is_full=True)


def _keys(scratch: Path, entity: str) -> Path:
    return scratch / f"{entity}.keys.csv"

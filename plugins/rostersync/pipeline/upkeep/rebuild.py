"""A warehouse from the archive alone, and the copy of the ledger that makes it possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rostersync.archive import Archive, Layout, landing_numbers
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import ConfigError
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.resolve import compute
from rostersync.pipeline.ground.run import Inputs, Run
from rostersync.spec import Domain
from rostersync.warehouse import (
    FOLD_TABLES,
    copy_ledger,
    lock_fold,
    read_index,
    refold,
    restore_ledger,
)

_ORDER = (Domain.TERMS, Domain.CORE, Domain.ATTENDANCE)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was rebuilt of a district. ``slots``: how many, by domain.

    ``unknown``: landings the archive has and the ledger's copy does not: they are not in the warehouse.
    """

    district: str
    slots: dict[str, int]
    unknown: tuple[str, ...]


def keep_ledger(
    warehouse: str, archive: Archive, district: str, slots: Iterable[str] | None = None
) -> None:
    """Bring the archive's copy of a district's ledger up to date.

    ``slots``: those that were written since the last copy; None: any may have been. Raises ArchiveError,
    WarehouseUnavailableError.
    """
    with connect(warehouse) as conn:
        copy_ledger(conn, archive, district, slots)


def districts_with_runs(warehouse: str) -> list[str]:
    """Districts of which the ledger knows anything, by id. Raises WarehouseUnavailableError."""
    with connect(warehouse) as conn:
        query = "select distinct district_id from sync.runs order by 1"
        return [district for (district,) in conn.execute(query).fetchall()]


def archived_districts(archive: Archive) -> list[str]:
    """Districts that can be rebuilt, by id."""
    return [name for name in archive.list_names("") if read_index(archive, name)]


def rebuild(
    warehouse: str,
    archive: Archive,
    district: str,
    *,
    on_slot: Callable[[str], None] = lambda slot: None,
) -> Rebuilt:
    """Rebuild one district in a warehouse that has nothing of it, in one transaction.

    ``warehouse``: the URL of its owner, migrated. The ledger comes from its copy, log and current from the
    landings by the inputs and decisions each slot was applied with.

    Raises ConfigError when the archive has no copy or the warehouse has rows of the district, ArchiveError.
    """
    if not read_index(archive, district):
        raise ConfigError(
            "The archive has no copy of this district's ledger",
            district=district,
            next_step="see the id and the archive; `rostersync replay` loads landings without the decisions",
        )
    with connect(warehouse) as conn, conn.transaction():
        for domain in _ORDER:
            lock_fold(conn, district, domain)
        if _has_rows(conn, district):
            raise ConfigError(
                "The warehouse has rows of this district already",
                district=district,
                expected="a warehouse that is new, or never had this district",
                next_step="rebuild into a new database, compare, and point Airflow's connection to it",
            )
        restore_ledger(conn, archive, district)
        slots = {str(d): _refold(conn, archive, district, d, on_slot) for d in _ORDER}
        for table in reversed(FOLD_TABLES):  # as they were, with their times
            conn.execute(f"delete from {table} where district_id = %s", [district])
        restore_ledger(conn, archive, district, FOLD_TABLES)
        unknown = tuple(_unknown(conn, archive, district))
    return Rebuilt(district, slots, unknown)


def _has_rows(conn: Connection, district: str) -> bool:
    query = "select exists (select from sync.runs where district_id = %s)"
    row = conn.execute(query, [district]).fetchone()
    return bool(row and row[0])


def _refold(
    conn: Connection,
    archive: Archive,
    district: str,
    domain: Domain,
    on_slot: Callable[[str], None],
) -> int:
    fold = applied_slots(conn, district, domain)
    if not fold:
        return 0
    newest = fold[-1]
    run = Run(Inputs.pinned(archive, newest.pin), domain, newest.slot, archive, "")
    return refold(
        conn,
        archive,
        district=district,
        domain=domain,
        compute=compute(run),
        on_slot=lambda slot: on_slot(f"{district} {domain} {slot}"),
    )


def _unknown(conn: Connection, archive: Archive, district: str) -> Iterator[str]:
    query = "select domain, slot, landing from sync.landings where district_id = %s"
    known = set(conn.execute(query, [district]).fetchall())
    for domain in _ORDER:
        root = Layout(district, domain, "")
        for folder in archive.list_names(root.domain_folder):
            layout = Layout(district, domain, folder)
            for number in landing_numbers(archive, layout):
                slot = archive.read_json(layout.manifest(number))["slot"]
                if (str(domain), slot, number) not in known:
                    yield f"{domain} {slot} landing {number}"

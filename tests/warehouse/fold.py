"""Runs a history through the warehouse and reads back everything a consumer can see."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from typing import Any

from rostersync.archive import Archive, Layout
from rostersync.diff import FileInput, compute_diff
from rostersync.engine import open_session
from rostersync.ledger import Settled, Slice, SlotDiff
from rostersync.spec import Domain, entities_of
from rostersync.warehouse import applied_slots, apply_slot
from tests.support.landings import AnyRule, write_upload
from tests.warehouse.histories import Event, History

PIN = "pin"
ENTITIES = entities_of(Domain.CORE)


class Fold:
    """One history, archived once; applied under a new district id for each order of arrival."""

    def __init__(self, archive: Archive, history: History) -> None:
        self.archive = archive
        self.history = history
        self.files: dict[Event, dict[str, FileInput]] = {
            event: write_upload(archive, self.layout(event[0]).check(event[1], PIN), upload)
            for event, upload in history.landings.items()
        }

    @staticmethod
    def layout(slot: str) -> Layout:
        return Layout("modelville", Domain.CORE, slot)

    def compute(
        self,
        slot: str,
        landing: int,
        pin: str,
        previous: dict[str, str],
        settled: Settled,
    ) -> SlotDiff:
        layout = self.layout(slot)
        return compute_diff(
            self.archive,
            layout,
            landing=landing,
            pin=pin,
            files=self.files[(slot, landing)],
            findings=f"{layout.check(landing, pin)}/findings.parquet",
            previous=previous,
            rules=AnyRule(),
            settled=settled,
        )

    def apply(self, conn: Any, district: str, events: list[Event], *, live: bool = False) -> None:
        """Apply landings as they arrive.

        ``live``: as it happened: each is held first, then a person decides while it is the newest. Else the
        decisions are known, as in a replay.
        """
        for event in events:
            decided = self.history.decided[event]
            if live:
                self._apply(conn, district, event, Settled(), self.history.held[event])
                self._apply(conn, district, event, decided, (), again=True)
            else:
                self._apply(conn, district, event, replace(decided, held=()), decided.held)

    def _apply(
        self,
        conn: Any,
        district: str,
        event: Event,
        settled: Settled,
        held: tuple[Slice, ...],
        *,
        again: bool = False,
    ) -> None:
        slot, landing = event
        with conn.transaction():
            apply_slot(
                conn,
                self.archive,
                district=district,
                domain=Domain.CORE,
                slot=slot,
                landing=landing,
                pin=PIN,
                run_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{slot}/{landing}")),
                compute=self.compute,
                settled=settled,
                again=again,
                judge=lambda diff, before: held,
            )

    def states(self, conn: Any, district: str) -> dict[str, dict[str, list[tuple[Any, ...]]]]:
        """Each slot's archived state by entity: what the history views must say as of that slot."""
        found = {}
        with open_session(self.archive) as session:
            for slot in applied_slots(conn, district, Domain.CORE):
                found[slot.slot] = {
                    e.name: self._state(session, e, slot.fingerprints[e.name]) for e in ENTITIES
                }
        return found

    def _state(self, session: Any, entity: Any, fingerprint: str) -> list[tuple[Any, ...]]:
        if int(fingerprint, 16) == 0:
            return []
        session.view_parquet("s", self.layout("x").state(entity.name, fingerprint))
        columns = ", ".join(f'"{c.name}"' for c in entity.columns)
        return sorted(session.con.execute(f"select {columns} from s").fetchall(), key=repr)


def everything(conn: Any, district: str) -> dict[str, list[Any]]:
    """Current, log, history and the fold's own record of a district, as consumers read them."""
    seen: dict[str, list[Any]] = {}
    for schema in ("roster", "roster_log", "roster_history"):
        for entity in ENTITIES:
            rows = conn.execute(
                f"select to_jsonb(t) - 'district_id' from {schema}.{entity.name} t"
                " where district_id = %s",
                [district],
            ).fetchall()
            seen[f"{schema}.{entity.name}"] = sorted((row[0] for row in rows), key=repr)
    for table in ("sync.slots", "sync.slot_changes", "roster.student_aliases"):
        rows = conn.execute(
            f"select to_jsonb(t) - 'district_id' - 'applied_at' from {table} t"
            " where district_id = %s",
            [district],
        ).fetchall()
        seen[table] = sorted((row[0] for row in rows), key=repr)
    return seen


def as_of(conn: Any, district: str, entity: Any, slot: str) -> list[tuple[Any, ...]]:
    """An entity's rows as the history view has them valid at a slot."""
    columns = ", ".join(f'"{c.name}"' for c in entity.columns)
    rows = conn.execute(
        f"select {columns} from roster_history.{entity.name} where district_id = %s"
        " and valid_from <= %s and (valid_to is null or valid_to > %s)",
        [district, slot, slot],
    ).fetchall()
    return sorted(rows, key=repr)


def differing_orders(
    fold: Fold, history: History, conn: Any, rng: random.Random, name: str, orders: int
) -> list[str]:
    """Names of what differs between the in-order fold and shuffled arrivals; empty when all agree."""
    fold.apply(conn, f"{name}_in_order", history.final, live=True)
    expected = everything(conn, f"{name}_in_order")
    wrong = []
    for n in range(orders):
        arrivals = history.arrivals(rng)
        fold.apply(conn, f"{name}_{n}", arrivals)
        seen = everything(conn, f"{name}_{n}")
        wrong += [f"{table} after {arrivals}" for table in seen if seen[table] != expected[table]]
    return wrong

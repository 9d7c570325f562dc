"""Runs histories through the warehouse and reads back everything a consumer can see."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from rostersync.archive import Archive, Layout
from rostersync.diff import FileInput, compute_diff
from rostersync.engine import render_sql
from rostersync.fold import AppliedSlot, DiffRequest, Judgement, Settled, Slice, SlotDiff, base_of
from rostersync.ledger.slots import applied_slots
from rostersync.spec import ENTITIES, FILES, Column, Domain, Kind, entities_of
from rostersync.warehouse import Again, apply_slot, remove_slot
from tests.support.grown import contract, made_by, with_column
from tests.support.landings import AnyRule, write_upload
from tests.support.sizes import as_large
from tests.warehouse.histories import Event, History, Landing, Step, World

PIN = "pin"
MEMBERS = "group_user_members"
_BEFORE = (FILES["parents"], ENTITIES["parents"], made_by(MEMBERS, 1))
_GROWN = (*with_column("parents", Column("second_email", Kind.EMAIL)), ENTITIES[MEMBERS])


def before() -> AbstractContextManager[None]:
    """The release in which parents have one email, and members are named by the value alone."""
    return contract(*_BEFORE)


def grown() -> AbstractContextManager[None]:
    """The release that parents may have a second email in, and a member's key has its kind."""
    return contract(*_GROWN)


Release = Callable[[], AbstractContextManager[None]]
BEFORE: Release = before
GROWN: Release = grown

Computed = Callable[[Landing, SlotDiff, dict[str, str]], None]
"""(a landing, its diff, fingerprints of the state before): told of each diff when it is computed."""
Judged = Callable[[Judgement, Judgement, SlotDiff, dict[str, str]], None]
"""(what waits, what of it is over a limit, the diff, the state before): told of what limits hold."""


class MachineFailure(Exception):
    """Stands for whatever ends a step in the middle."""


class FailingArchive(Archive):
    """An archive whose ``nth`` artefact is written and never gets its name."""

    def __init__(self, url: str | Path, nth: int) -> None:
        super().__init__(url)
        self.left = nth

    @contextmanager
    def publishing(self, name: str) -> Iterator[str]:
        with super().publishing(name) as target:
            yield target
            self.left -= 1
            if not self.left:
                raise MachineFailure


class Fold:
    """A world, archived once; applied under a new district id for each history.

    A diff depends on the landing's bytes, the state before and what is settled, so it is computed once for
    each of these by each release, by the real :func:`compute_diff`. ``computed``: how many there were.
    ``release``: the one that runs; ``found``: what it finds archived by the one before.
    """

    def __init__(
        self, archive: Archive, world: World, on_computed: Computed, on_judged: Judged
    ) -> None:
        self.archive = archive
        self.world = world
        self.on_computed = on_computed
        self.on_judged = on_judged
        self.diffs: dict[tuple[Release, Event, str], SlotDiff] = {}
        self.release = GROWN
        self.found: set[tuple[Event, str]] = set()
        self.out: AppliedSlot | None = None
        self.fails_at: tuple[str, int] | None = None
        self.failed: dict[str, int] = {}
        self.files: dict[Event, dict[str, FileInput]] = {}
        for event, landing in world.landings.items():
            folder = self.layout(event[0]).check(event[1], PIN)
            with (GROWN if event in world.with_more else BEFORE)():
                self.files[event] = write_upload(archive, folder, landing.upload)

    @property
    def computed(self) -> int:
        return len(self.diffs)

    @staticmethod
    def layout(slot: str) -> Layout:
        return Layout("modelville", Domain.CORE, slot)

    def compute(self, request: DiffRequest) -> SlotDiff:
        landing, pin, previous = request.landing, request.pin, request.previous
        event = (request.slot, landing)
        here = (event, base_of(previous, request.settled))
        known = (BEFORE if here in self.found else self.release, *here)
        if known not in self.diffs:
            layout = self.layout(request.slot)
            # whatever its size: every second one as if it were large
            with as_large() if len(self.diffs) % 2 else nullcontext():
                diff = compute_diff(
                    self._archive(),
                    layout,
                    landing=landing,
                    pin=f"{self.release.__name__} {pin}",  # a folder for each release's artefacts
                    files=self.files[event],
                    findings=f"{layout.check(landing, pin)}/findings.parquet",
                    previous=previous,
                    rules=AnyRule(),
                    settled=request.settled,
                )
            self.on_computed(self.world.landings[event], diff, previous)
            self.diffs[known] = replace(diff, pin=pin)
        if self.release is BEFORE:
            self.found.add(here)
        return self.diffs[known]

    def earliest(self) -> dict[str, str]:
        """The fingerprints of the state that the first landing leaves where nothing was before."""
        first = DiffRequest(*min(self.world.landings), PIN, {}, Settled())
        return self.compute(first).fingerprints

    def _archive(self) -> Archive:
        if self.fails_at and self.fails_at[0] == "archive":
            return FailingArchive(self.archive.url, self.fails_at[1])
        return self.archive

    def apply(self, conn: Any, district: str, history: History) -> None:
        """Live through a history: what fails is tried again."""
        self.found = set()
        self.release = BEFORE
        with BEFORE():
            for step in history.steps[: history.grows_at]:
                self._try(conn, district, step)
        self.release = GROWN
        if history.grows_at:
            conn.execute(render_sql("postgres/draft/rekey.sql", entity=ENTITIES[MEMBERS]))
        for step in history.steps[history.grows_at :]:
            self._try(conn, district, step)
        self.found = set()

    def _try(self, conn: Any, district: str, step: Step) -> None:
        if not (step.fails and self._fails(conn, district, step) and step.later):
            self._step(conn, district, step)

    def apply_in_order(self, conn: Any, district: str, final: tuple[Event, ...]) -> None:
        """As it would have been: each slot in order, held first, decided while it is the newest."""
        for event in final:
            decided = self.world.landings[event].is_decided
            self._step(conn, district, Step("land", event, waits=decided))
            if decided:
                self._step(conn, district, Step("decide", event))

    def _fails(self, conn: Any, district: str, step: Step) -> bool:
        """Try a step that is to fail. False when it came through: it never passed that stage."""
        self.fails_at = step.fails
        try:
            self._step(conn, district, step)
        except MachineFailure:
            stage = step.fails[0] if step.fails else ""
            self.failed[stage] = self.failed.get(stage, 0) + 1
            return True
        finally:
            self.fails_at = None
        return False

    def _step(self, conn: Any, district: str, step: Step) -> None:
        landing = self.world.landings[step.event]
        if step.kind == "remove":
            self._remove(conn, district, step.event[0])
        elif step.kind == "return":
            assert self.out is not None
            event = (self.out.slot, self.out.landing)
            self._apply(conn, district, event, self.out.settled, ())
        elif step.kind == "decide":
            self._apply(conn, district, step.event, landing.settled, (), again=Again.RESOLVED)
        elif step.waits:
            self._apply(conn, district, step.event, Settled(), landing.held)
        else:
            known = replace(landing.settled, held=())
            self._apply(conn, district, step.event, known, landing.settled.held)

    def _apply(
        self,
        conn: Any,
        district: str,
        event: Event,
        settled: Settled,
        held: tuple[Slice, ...],
        *,
        again: Again | None = None,
    ) -> None:
        slot, landing = event
        fail = self._failing()
        with conn.transaction():
            apply_slot(
                conn,
                self.archive,
                district=district,
                domain=Domain.CORE,
                slot=slot,
                landing=landing,
                pin=PIN,
                run_id=run_of(event),
                compute=self.compute,
                settled=settled,
                again=again,
                judge=lambda diff, before: held,
                on_stage=fail,
            )
            fail("before_commit")

    def _remove(self, conn: Any, district: str, slot: str) -> None:
        """Take a slot out; ``out`` is what it was."""
        here = applied_slots(conn, district, Domain.CORE).at(slot)
        fail = self._failing()
        with conn.transaction():
            where = {"district": district, "domain": Domain.CORE, "slot": slot}
            remove_slot(conn, self.archive, compute=self.compute, on_stage=fail, **where)
            fail("before_commit")
        self.out = here or self.out  # a step that never failed is taken twice

    def _failing(self) -> Callable[[str], None]:
        """Told of each stage that a step passes, it fails where the step is to fail."""
        passed = 0

        def fail(stage: str) -> None:
            nonlocal passed
            if self.fails_at and self.fails_at[0] == stage:
                passed += 1
                if passed == self.fails_at[1] or stage in ("locked", "before_commit"):
                    raise MachineFailure

        return fail


def run_of(event: Event) -> str:
    """The id of the run that applies a landing, the same in every history."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event[0]}/{event[1]}"))


def everything(conn: Any, district: str) -> dict[str, list[Any]]:
    """Current, log, history and the fold's own record of a district, as consumers read them."""
    seen: dict[str, list[Any]] = {}
    for table in TABLES:
        rows = conn.execute(
            f"select to_jsonb(t) - 'district_id' - 'applied_at' from {table} t where district_id = %s",
            [district],
        ).fetchall()
        seen[table] = sorted((row[0] for row in rows), key=repr)
    return seen


TABLES = [
    *(
        table
        for entity in entities_of(Domain.CORE)
        for table in (entity.table, entity.log_view, entity.history_view)
    ),
    "sync.slots",
    "sync.slot_changes",
    "roster.student_aliases",
    "roster.reused_students",
]

_DIGESTS = " union all ".join(
    f"select '{table}', md5(string_agg(row, e'\\n' order by row)) from (select"
    f" (to_jsonb(t) - 'district_id' - 'applied_at')::text as row from {table} t"
    " where district_id = %(district)s) as rows"
    for table in TABLES
)


def digests(conn: Any, district: str) -> dict[str, str | None]:
    """What :func:`everything` reads, each table as one hash: a round trip instead of forty."""
    return dict(conn.execute(_DIGESTS, {"district": district}, prepare=True).fetchall())

"""Apply a slot to the warehouse's fold, wherever in the order it belongs.

The warehouse is a fold over a district's slots. Each slot owns one slice of the change log,
``slice(N) = diff(state(N-1), state(N))``. A late, repaired or repeated slot therefore changes its own slice
and that of the slots after it, until a slot's state comes out as it was; current is each key's newest
version in the log. All of it happens in one transaction under one lock per district and domain, and nothing
else writes the log; of current, only the repair of drift does, under the same lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rostersync.archive import Archive
from rostersync.engine import render_sql
from rostersync.fold import (
    AppliedSlot,
    DiffRequest,
    EntityDiff,
    Fold,
    Settled,
    Slice,
    SlotDiff,
    base_before,
    state_after,
)
from rostersync.ledger.slots import applied_slots, record_slot
from rostersync.spec import ENTITIES, Domain, Entity, entities_of
from rostersync.warehouse.slot_ids import remove_slot_ids, write_slot_ids
from rostersync.warehouse.stream import copy_changes

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection

Compute = Callable[[DiffRequest], SlotDiff]
"""Any slot's diff, from the archive alone."""
Judge = Callable[[SlotDiff, Fold], tuple[Slice, ...]]
"""(a slot's diff with nothing held, the fold before it) -> what is held; raises when it must not load."""


class Again(StrEnum):
    """How a landing that is in the fold is taken once more.

    ``RESOLVED``: with what was settled of it just now. ``JUDGED``: and what of it is held is said anew.
    """

    RESOLVED = "resolved"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What :func:`apply_slot` did. ``repeated``: the landing was applied before, nothing was written.

    ``recomputed``: the later slots whose slices were rewritten. ``state``: what the newest slot leaves.
    """

    diff: SlotDiff
    state: dict[str, str]
    recomputed: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class RemoveResult:
    """What :func:`remove_slot` did, as of :class:`ApplyResult`."""

    state: dict[str, str]
    recomputed: tuple[str, ...]


def apply_slot(
    conn: Connection,
    archive: Archive,
    *,
    district: str,
    domain: Domain,
    slot: str,
    landing: int,
    pin: str,
    run_id: str,
    compute: Compute,
    settled: Settled | None = None,
    again: Again | None = None,
    dry: bool = False,
    judge: Judge,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> ApplyResult:
    """Make ``landing`` the slot's place in the fold. Call it inside a transaction.

    ``compute`` gives any slot's diff against a state (pure, cached by the archive). ``settled``: what this
    slot is computed with; a landing that is in the fold keeps what it was applied with, unless ``again``:
    then it is resolved anew with this. ``judge`` says what of it is held, and raises when it must not load;
    it is asked for a landing that was never applied only: what a slot loaded or held stays so when it is
    recomputed (but with JUDGED, and then ``settled`` has nothing held). ``dry``: compute all of it, write
    nothing and take no lock. ``on_stage`` is called with ``locked``, ``copied``, ``merged``, ``recorded`` as
    they are passed.

    Raises whatever ``compute`` and ``judge`` raise; then nothing is written.
    """
    if not dry:
        lock_fold(conn, district, domain)
        on_stage("locked")
    fold = applied_slots(conn, district, domain)
    before, here, later = fold.before(slot), fold.at(slot), fold.after(slot)
    state = before.state
    if here and _is_repeated(here, landing, pin, state, settled, again):
        known = compute(DiffRequest.as_applied(here, state))
        return ApplyResult(known, fold.state, repeated=True)

    settled = settled or Settled()
    request = DiffRequest(slot, landing, pin, state, settled)
    diff = compute(request)
    is_applied = here is not None and here.landing == landing
    is_asked = again is Again.JUDGED or not is_applied
    if is_asked and (held := judge(diff, before)):
        diff = compute(replace(request, settled=replace(settled, held=held)))
    if is_applied and here and (here.pin, here.base) == (diff.pin, diff.base):
        return ApplyResult(diff, fold.state, repeated=True)
    writer: _Writer | _NullWriter = _NullWriter()
    if not dry:
        writer = _Writer(conn, archive, district, domain, on_stage, rewrite=bool(here or later))
    writer.slice(diff, run_id)
    recomputed, newest = _recompute(writer, compute, later, state_after(state, diff))
    writer.finish()
    return ApplyResult(diff, newest, recomputed)


def remove_slot(
    conn: Connection,
    archive: Archive,
    *,
    district: str,
    domain: Domain,
    slot: str,
    compute: Compute,
    dry: bool = False,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> RemoveResult:
    """Take a slot out of the fold: log, current and ledger are as if it had never been. In a transaction.

    Its landings stay. ``compute``, ``dry`` and ``on_stage`` as of :func:`apply_slot`. A slot that is not in
    the fold is no error.
    """
    if not dry:
        lock_fold(conn, district, domain)
        on_stage("locked")
    fold = applied_slots(conn, district, domain)
    writer: _Writer | _NullWriter = _NullWriter()
    if not dry:
        writer = _Writer(conn, archive, district, domain, on_stage, rewrite=True)
    writer.take_out(slot)
    recomputed, newest = _recompute(writer, compute, fold.after(slot), fold.state_before(slot))
    writer.finish()
    return RemoveResult(newest, recomputed)


def _is_repeated(
    here: AppliedSlot,
    landing: int,
    pin: str,
    state: dict[str, str],
    settled: Settled | None,
    again: Again | None,
) -> bool:
    """Whether what is asked for is in the fold already, or a later landing is in its place."""
    return (
        here.base == base_before(here, state)
        and (here.landing > landing or (here.landing == landing and here.pin == pin))
        and not (again is Again.RESOLVED and here.settled != settled)
        and not (again is Again.JUDGED and here.landing == landing)
    )


def _recompute(
    writer: _Writer | _NullWriter, compute: Compute, later: Fold, state: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Write the slices anew of the later slots that no longer apply; which ones, and the newest state."""
    state, recomputed = dict(state), []
    for here in later:
        diff: AppliedSlot | SlotDiff = here
        if not _still_applies(here, state):
            diff = compute(DiffRequest.of(here, state))
            writer.slice(diff, here.run_id)
            recomputed.append(here.slot)
        state = state_after(state, diff)
    return tuple(recomputed), state


def refold(
    conn: Connection,
    archive: Archive,
    *,
    district: str,
    domain: Domain,
    compute: Compute,
    on_slot: Callable[[str], None] = lambda slot: None,
) -> int:
    """Write log and current of the ledger's slots anew, in order; how many slots. Both are empty before.

    ``compute``: as of :func:`apply_slot`. Call it inside a transaction, under the fold's lock.
    """
    state: dict[str, str] = {}
    fold = applied_slots(conn, district, domain)
    for here in fold:
        on_slot(here.slot)
        diff = _as_applied(here, compute(DiffRequest.as_applied(here, state)))
        writer = _Writer(conn, archive, district, domain, lambda stage: None, rewrite=False)
        writer.slice(diff, here.run_id)
        state = state_after(state, diff)
    return len(fold)


def _as_applied(here: AppliedSlot, diff: SlotDiff) -> SlotDiff:
    """The diff without entities that a release has added since the slot was applied: the ledger has none."""
    known = {n: e for n, e in diff.entities.items() if n in here.fingerprints or ENTITIES[n].day}
    return replace(diff, entities=known)


def lock_fold(conn: Connection, district: str, domain: Domain) -> None:
    """Wait for, and hold until the transaction ends, the one lock of a district's domain."""
    _lock(conn, f"rostersync/{district}/{domain}")


def lock_outbox(conn: Connection, district: str) -> None:
    """Wait for, and hold until the transaction ends, the lock of what is written to a district's outbox."""
    _lock(conn, f"rostersync/{district}/outbox")


def _lock(conn: Connection, name: str) -> None:
    conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def lock_landing(conn: Connection, district: str, domain: Domain, slot: str) -> None:
    """Wait for, and hold until the connection ends, the lock of a slot's landings."""
    conn.execute(
        "select pg_advisory_lock(hashtextextended(%s, 0))",
        [f"rostersync/{district}/{domain}/{slot}/landing"],
    )


def _still_applies(later: AppliedSlot, state: dict[str, str]) -> bool:
    """A slot computed against this very state, as far as it speaks of it, keeps its slice."""
    return later.base == base_before(later, state)


def merge_newest(
    conn: Connection, entity: Entity, changes: EntityDiff, where: dict[str, Any]
) -> None:
    """Bring current in line with the slice just copied. ``where``: its district and slot.

    Rows are looked up one by one as they come, in the order of the key. The planner knows nothing of rows
    that were copied a moment ago: a join of theirs with current kept them in memory, wrote them in any order,
    and read all that the entity ever had.
    """
    conn.execute(render_sql("postgres/warehouse/merge_newest.sql", entity=entity), where)
    # written under a former key, a change may be of one person into another
    is_rekeyed = entity.log_view != entity.log_table
    if changes.removed or (is_rekeyed and changes.changed):
        conn.execute(render_sql("postgres/warehouse/remove_newest.sql", entity=entity), where)


class _NullWriter:
    """Stands for the writer where nothing is to be written."""

    def slice(self, diff: SlotDiff, run_id: str) -> None:
        """Let it pass."""

    def take_out(self, slot: str) -> None:
        """Let it pass."""

    def finish(self) -> None:
        """Let it pass."""


class _Writer:
    """Writes slices to the log, then brings current in line.

    A new newest slot's slice is itself what current lacks. Any other order rewrites slices: then the touched
    keys' newest versions are read back from the log.
    """

    def __init__(
        self,
        conn: Connection,
        archive: Archive,
        district: str,
        domain: Domain,
        on_stage: Callable[[str], None],
        *,
        rewrite: bool,
    ) -> None:
        self.conn = conn
        self.archive = archive
        self.district = district
        self.domain = domain
        self.on_stage = on_stage
        self.rewrite = rewrite
        self.entities = entities_of(domain)
        self.touched: list[Entity] = []

    def slice(self, diff: SlotDiff, run_id: str) -> None:
        """Replace one slot's slice, and its row in the ledger's fold."""
        logged = self._logged(diff.slot) if self.rewrite else set()
        for entity in self.entities:
            changes = diff.of(entity.name).changes
            if changes is not None or entity.name in logged:
                self._entity(entity, diff, run_id, entity.name in logged)
        if self.domain is Domain.CORE:
            write_slot_ids(self.conn, self.archive, self.district, diff, rewrite=self.rewrite)
        self.on_stage("merged")
        record_slot(self.conn, self.district, self.domain, diff, run_id)
        self.on_stage("recorded")

    def take_out(self, slot: str) -> None:
        """Take one slot's slice out of the log, and its row out of the ledger's fold."""
        where = {"district": self.district, "slot": slot}
        logged = self._logged(slot)
        for entity in self.entities:
            if entity.name in logged:
                self._touch(entity)
                self._clear(entity, where)
        if self.domain is Domain.CORE:
            remove_slot_ids(self.conn, self.district, slot)
        self.on_stage("merged")
        values = {**where, "domain": str(self.domain)}
        self.conn.execute(render_sql("postgres/slots/take_out.sql"), values)
        self.on_stage("recorded")

    def _logged(self, slot: str) -> set[str]:
        """Names of the entities of which the log has a slice of this slot."""
        statement = render_sql("postgres/warehouse/logged_entities.sql", entities=self.entities)
        rows = self.conn.execute(statement, {"district": self.district, "slot": slot})
        return {name for (name,) in rows.fetchall()}

    def _entity(self, entity: Entity, diff: SlotDiff, run_id: str, is_logged: bool) -> None:
        where = {"district": self.district, "slot": diff.slot}
        if self.rewrite:
            self._touch(entity)
        if is_logged:
            self._clear(entity, where)
        changes = diff.of(entity.name).changes
        if changes is None:
            return
        sha256 = diff.sha256.get(ENTITIES[entity.name].file)
        provenance = {**where, "run_id": run_id, "sha256": sha256}
        copy_changes(self.conn, self.archive, entity, changes, provenance)
        self.on_stage("copied")
        if self.rewrite:
            self._sql("touch_slice", entity, where)
        else:
            merge_newest(self.conn, entity, diff.of(entity.name), where)

    def _touch(self, entity: Entity) -> None:
        """Its current rows may move."""
        if entity not in self.touched:
            self._sql("touched", entity)
            self.touched.append(entity)

    def _clear(self, entity: Entity, where: dict[str, Any]) -> None:
        """Take its slice out of the log; the keys are remembered."""
        self._sql("touch_slice", entity, where)
        self._sql("remove_slice", entity, where)

    def finish(self) -> None:
        """After the last slice: current says what the log says."""
        if self.rewrite:
            for entity in self.touched:
                self._sql("merge_touched", entity, {"district": self.district})
            self.on_stage("merged")

    def _sql(self, name: str, entity: Entity, values: dict[str, Any] | None = None) -> None:
        self.conn.execute(render_sql(f"postgres/warehouse/{name}.sql", entity=entity), values)

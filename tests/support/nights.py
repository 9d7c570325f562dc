"""Uploads resolved one after the other, without a warehouse: what each night leaves as state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rostersync.archive import Archive, Layout
from rostersync.diff import FileInput, compute_diff
from rostersync.engine import open_session
from rostersync.fold import Restored, Settled, Slice, SlotDiff, state_after
from rostersync.spec import ENTITIES, FILES, Domain
from tests.support import firsts
from tests.support.landings import AnyRule, Upload, write_upload


class Nights:
    """The slots of one district's domain.

    ``office``: school_ids of its district office. ``foreign``: other domains' states that references look
    into from now on; ``held``, ``gone``, ``restored``, ``rekeyed``, ``ids``: what is held of, approved for
    and restored in the uploads from now on.
    """

    def __init__(
        self, archive: Archive, office: tuple[str, ...] = (), domain: Domain = Domain.CORE
    ) -> None:
        self.archive = archive
        self.office = office
        self.domain = domain
        self.foreign: dict[str, str] = {}
        self.held: tuple[Slice, ...] = ()
        self.gone: tuple[str, ...] = ()
        self.restored: tuple[Restored, ...] = ()
        self.rekeyed: tuple[str, ...] = ()
        self.ids: tuple[str, ...] = ()
        self.diffs: list[SlotDiff] = []

    def upload(self, upload: Upload) -> SlotDiff:
        """The diff of the next slot. A first night that the process has seen is copied, not lived again."""
        layout = self.layout(f"2026-09-{len(self.diffs) + 1:02}")
        first = (
            None if self.diffs or any(Path(self.archive.root).glob("*")) else self._first(upload)
        )
        if first and (known := firsts.known(first)):
            diff = known.again(self.archive)
        else:
            files = write_upload(self.archive, layout.check(1, "pin"), upload, self.domain)
            diff = self.resolve(layout, files)
            if first:
                firsts.keep(first, self.archive, diff)
        self.diffs.append(diff)
        return diff

    def _first(self, upload: Upload) -> str:
        """All that a first night is computed from, the contract among it: tests change that, too."""
        settings = {**vars(self), "archive": None, "diffs": None}
        sent = {**vars(upload), "open_ends": sorted(upload.open_ends)}
        return repr((sorted(settings.items()), sent, ENTITIES, FILES))

    def resolve(self, layout: Layout, files: dict[str, FileInput]) -> SlotDiff:
        """The diff of files that were written for this slot, after the newest night."""
        return compute_diff(
            self.archive,
            layout,
            landing=1,
            pin="pin",
            files=files,
            findings=f"{layout.check(1, 'pin')}/findings.parquet",
            previous=self.before(),
            rules=AnyRule(),
            district_office=self.office,
            settled=Settled(
                self.foreign, self.held, self.gone, self.restored, self.rekeyed, self.ids
            ),
        )

    def before(self) -> dict[str, str]:
        """The state after the newest night."""
        state: dict[str, str] = {}
        for diff in self.diffs:
            state = state_after(state, diff)
        return state

    def state(self, entity: str, columns: str) -> list[tuple[Any, ...]]:
        """The newest state's rows, ordered."""
        fingerprint = self.diffs[-1].fingerprints[entity]
        if int(fingerprint, 16) == 0:
            return []
        with open_session(self.archive, is_tiny=True) as session:
            name = self.layout("x").state(entity, fingerprint)
            session.view_state("s", ENTITIES[entity], name)
            return session.con.execute(f"select {columns} from s order by all").fetchall()

    def keys(self, entity: str, column: str = "student_id") -> list[str]:
        return [row[0] for row in self.state(entity, f'"{column}"')]

    def quarantine(self) -> list[tuple[str, int, str, str]]:
        """File, line, rule and reason of what the newest night kept out."""
        diff = self.diffs[-1]
        folder = self.layout(diff.slot).diff(1, "pin", diff.base)
        rows = self._read(f"{folder}/quarantine.parquet", "file, _line, rule, reason")
        return [(file, line, rule, reason) for file, line, rule, reason in rows]

    def _read(self, name: str, columns: str) -> list[tuple[Any, ...]]:
        with open_session(self.archive, is_tiny=True) as session:
            session.view_parquet("s", name)
            return session.con.execute(f"select {columns} from s order by all").fetchall()

    def layout(self, slot: str) -> Layout:
        """Where a slot's artefacts are."""
        return Layout("testville", self.domain, slot)

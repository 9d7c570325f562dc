"""What is known of a landing's files: those whose bytes and pin were checked before need no second check.

Staging and validation depend on bytes and pin alone, so the check of the landing before, made by this very
program, says the same of the same bytes. Its results are copied: no landing's artefacts need another's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from rostersync import paths
from rostersync.archive import CheckFolder, FileEntry, FileState, Layout, landing_numbers
from rostersync.pipeline.ground.run import Run

if TYPE_CHECKING:
    from rostersync.staging import StagedFile
    from rostersync.validation import Known

_LOOKS = 3
"""In so many earlier landings a check is looked for: the newest with one is enough."""


@cache
def program() -> str:
    """The fingerprint of what makes a check: a result of another release is not taken for today's."""
    import duckdb

    package = paths.package_folder()
    folders = [package / name for name in ("spec", "staging", "validation")]
    sources = [p for folder in folders for p in folder.glob("*.py")]
    sources += [
        p
        for n in ("staging", "validation")
        for p in (paths.sql_folder() / "duckdb" / n).rglob("*.sql")
    ]
    found = hashlib.sha256(duckdb.__version__.encode())
    for source in sorted(sources):
        found.update(source.name.encode() + source.read_bytes())
    return found.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """The newest complete check under the pin before a landing; without one ``staged`` is empty."""

    folder: CheckFolder = CheckFolder("")  # noqa: RUF009 - a text
    staged: Mapping[str, StagedFile] = field(default_factory=dict)

    def staged_like(self, entry: FileEntry) -> StagedFile | None:
        """What staging said of the same bytes, as far as it was this program."""
        one = self.staged.get(entry.name)
        return one if one and (one.sha256, one.made_by) == (entry.sha256, program()) else None

    def take_staged(self, run: Run, one: StagedFile, folder: CheckFolder) -> None:
        """Copy what staging wrote of a file into ``folder``."""
        if one.state is not FileState.ACCEPTED:
            return
        run.archive.copy(self.folder.staged(one.name), folder.staged(one.name))
        if one.rejects:
            run.archive.copy(self.folder.rejects(one.name), folder.rejects(one.name))

    def validated_like(self, run: Run, staged: Mapping[str, StagedFile]) -> Known | None:
        """What validation said of those files that are staged from the same bytes."""
        from rostersync.validation import Known, Validated

        same = tuple(n for n, one in staged.items() if self.staged.get(n) == one)
        if not same:
            return None
        validated = Validated.from_json(run.archive.read_json(self.folder.validated_document))
        files = tuple(n for n in same if n in validated.clean)
        return Known(self.folder, validated, files) if validated.made_by == program() else None


def known_check(run: Run, layout: Layout, landing: int, pin: str) -> KnownCheck:
    """The check before a landing that has results to take."""
    from rostersync.staging import StagedFile

    for looks, (earlier, number) in enumerate(_landings_before(run, layout, landing)):
        if looks == _LOOKS:
            break
        folder = earlier.check(number, pin)
        if run.archive.exists(folder.validated_document):
            documents = run.archive.read_json(folder.staged_document)
            staged = {n: StagedFile.from_json(s) for n, s in documents.items()}
            return KnownCheck(folder, staged)
    return KnownCheck()


def _landings_before(run: Run, layout: Layout, landing: int) -> Iterator[tuple[Layout, int]]:
    """Earlier landings, newest first."""
    for number in reversed(landing_numbers(run.archive, layout)):
        if number < landing:
            yield layout, number
    here = layout.slot_folder.rpartition("/")[2]
    slots = [s for s in run.archive.list_names(layout.domain_folder) if s < here]
    for slot in reversed(slots):
        before = Layout(layout.district, layout.domain, slot)
        for number in reversed(landing_numbers(run.archive, before)):
            yield before, number

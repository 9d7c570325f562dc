"""Data Docs of a validation: into the archive, into a folder to open anywhere, and away again when old.

Built from the archived results, so pages that are missing are made again without validating.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rostersync.archive import Archive, CheckFolder, FileState, Layout, landing_numbers
from rostersync.errors import ArchiveError
from rostersync.pipeline.ground.run import Inputs, Run
from rostersync.spec import Domain, always_needed, files_of
from rostersync.validation import docs

_MARK = re.compile(
    r"(\d{4}-\d{2}-\d{2})_([a-z]+)_(\d{4}-\d{2}-\d{2}(?:T\d{4})?)_(\d{4,})_([0-9a-f]{12})"
)


@dataclass(frozen=True)
class Validation:
    """One validation in the archive. ``pin``: whole, or as much of it as names a folder."""

    archive: Archive
    layout: Layout
    landing: int
    pin: str
    inputs: Inputs

    @property
    def results(self) -> str:
        """Archive name of what Great Expectations found."""
        return self.layout.check(self.landing, self.pin).gx_results

    @property
    def index(self) -> str:
        """Archive name of the index page, whether it is there or not."""
        return f"{self.layout.docs(self.landing, self.pin)}/{docs.INDEX}"


def validation_of(run: Run, landing: int) -> Validation | None:
    """The validation a run made of a landing, None when it did not come so far."""
    found = Validation(run.archive, run.layout, landing, run.inputs.pin, run.inputs)
    return found if run.archive.exists(found.results) else None


def find_validation(archive: Archive, layout: Layout, *, landing: int | None = None) -> Validation:
    """A validation of a slot, with the inputs it had.

    Of the newest landing that was validated, unless ``landing`` names one, and of several the last. Raises
    ArchiveError when there is none.
    """
    for number in landing_numbers(archive, layout)[::-1]:
        checks = _checks(archive, layout, number) if landing in (None, number) else []
        if checks:
            pin, inputs = _inputs_of(archive, layout.district, max(checks)[1])
            return Validation(archive, layout, number, pin, inputs)
    raise ArchiveError(
        "Nothing of this slot was validated",
        district=layout.district,
        domain=str(layout.domain),
        slot=layout.slot,
        landing=landing,
        next_step="see slot, domain and archive; the slot's DAG or `rostersync sync` validates it",
    )


def _inputs_of(archive: Archive, district: str, short: str) -> tuple[str, Inputs]:
    """A pin that begins with ``short`` and its inputs: one of the district's, as others may say the same."""
    whole = [n.removesuffix(".json") for n in archive.list_names("pins") if n.startswith(short)]
    kept = [(pin, Inputs.pinned(archive, pin)) for pin in whole or [short]]
    return next((one for one in kept if one[1].cfg.id == district), kept[0])


def build_data_docs(found: Validation, *, again: bool = False, now: datetime | None = None) -> str:
    """Have a validation's pages in the archive; the name of the index page.

    Pages that are there are left alone, unless ``again``; the index is written last, so it marks the others
    complete. ``now`` (aware; default: the clock): when the count of the days they stay begins.
    Raises RosterSyncError when Great Expectations did not build them.
    """
    archive, layout = found.archive, found.layout
    if archive.exists(found.index) and not again:
        return found.index
    static = Layout.docs_static(docs.static_version())
    pages = _pages(found, static="../" * found.index.count("/") + static)
    for name, content in docs.static_files().items():
        if not archive.exists(f"{static}/{name}"):
            _write(archive, f"{static}/{name}", content)
    # before the pages: what is killed half-way is removed one day, too
    archive.write_json(layout.docs_mark(_day(now), found.landing, found.pin), {})
    folder = found.index.rpartition("/")[0]
    for name in sorted(pages, key=lambda name: name == docs.INDEX):
        _write(archive, f"{folder}/{name}", pages[name].encode())
    return found.index


def export_data_docs(found: Validation, folder: Path) -> Path:
    """Write a validation's pages into a folder, with all they need; the index page.

    Raises as :func:`build_data_docs`, OSError.
    """
    pages = _pages(found, static="static")
    (folder / "static").mkdir(parents=True, exist_ok=True)
    for name, content in docs.static_files().items():
        (folder / "static" / name).write_bytes(content)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / docs.INDEX


AT_ONCE = 50
"""Sites that one run removes."""


def remove_old_data_docs(
    archive: Archive, district: str, *, keep_days: int, now: datetime | None = None
) -> int:
    """Remove a district's pages that were built more than ``keep_days`` days ago; how many sites.

    Nothing else of a landing is touched: the pages can be built again. At most :data:`AT_ONCE`, the oldest
    first: the next run goes on.
    """
    oldest = _day(now) - timedelta(days=keep_days)
    names = archive.list_names(Layout.docs_marks(district))
    marks = {m: m.groups() for name in names if (m := _MARK.fullmatch(name))}
    old = {m: what for m, (day, *what) in marks.items() if date.fromisoformat(day) < oldest}
    kept = [what for m, (_, *what) in marks.items() if m not in old]
    removed = 0
    for mark, what in sorted(old.items(), key=lambda one: one[0].string)[:AT_ONCE]:
        if what not in kept:  # built again since
            domain, slot, number, pin = what
            _remove(archive, Layout(district, Domain(domain), slot).docs(int(number), pin))
            removed += 1
        _remove(archive, f"{Layout.docs_marks(district)}/{mark.string}")
    return removed


def _checks(archive: Archive, layout: Layout, number: int) -> list[tuple[datetime, str]]:
    """When a landing was validated, and under which pins."""
    found = []
    for name in archive.list_names(layout.landing(number)):
        results = CheckFolder(f"{layout.landing(number)}/{name}").gx_results
        if name.startswith("check-") and archive.exists(results):
            at = docs.validated_at(archive.read_json(results))
            found.append((at or datetime.min.replace(tzinfo=UTC), name.removeprefix("check-")))
    return found


def _pages(found: Validation, *, static: str) -> dict[str, str]:
    folder = found.layout.check(found.landing, found.pin)
    staged = found.archive.read_json(folder.staged_document)
    site = docs.DocsSite(
        found.inputs.cfg.name,
        str(found.layout.domain),
        found.layout.slot,
        found.landing,
        static,
    )
    known = [f.name for f in files_of(found.layout.domain) if f.name in found.inputs.suites.files]
    asked = always_needed(known)
    files = [(name, file["state"], file["records"]) for name, file in staged.items()]
    files += [(name, FileState.MISSING, None) for name in asked if name not in staged]
    return docs.build_pages(
        found.archive.read_json(found.results), found.inputs.suites, files, site
    )


def _write(archive: Archive, name: str, content: bytes) -> None:
    with archive.writing(name) as f:
        f.write(content)


def _remove(archive: Archive, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # a run of another domain was faster
        archive.remove(name)


def _day(now: datetime | None) -> date:
    return (now or datetime.now(UTC)).astimezone(UTC).date()

"""When is an upload complete? Pure functions over what was listed; no I/O, no clock."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rostersync.archive import NotTaken, Why
from rostersync.errors import HandedOnError
from rostersync.landing.listing import Listing, RemoteFile, printable_name
from rostersync.spec import FILES, Domain, always_needed, files_of, required_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from rostersync.archive import Manifest
    from rostersync.config import DistrictConfig

Window = tuple[float | None, float | None]
"""From and to, both inclusive, in epoch seconds; None is open."""

_TEMPORARY = re.compile(
    r"(?i)(\.(part|partial|tmp|temp|filepart|crdownload|upload|uploading|swp)|~)$|^\.~lock|^~\$|^\.in\."
)
_MARKS = re.compile(r"^(\.~lock\.|\.in\.|[.~$]+)")
"""What stands before the name itself."""
_LEFT_LYING = 3600.0
"""Seconds after which a temporary name is no upload that goes on any more."""
_REPORTED = 20
"""Foreign names shown; a folder may hold thousands."""
_JUDGED = 200
"""Foreign names that are compared with the expected ones, in the order of the listing: comparing is dear."""
_SIMILAR = 0.88
_ATTENDANCE_QUIET = 60.0

NOTHING_OFF: Mapping[str, Domain] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of an upload. ``name``: the contract's; ``stale``: in the last accepted landing."""

    name: str
    uploaded_as: str
    size: int
    mtime: float
    stale: bool = False

    @classmethod
    def handed_on(cls, document: Any) -> UploadedFile:
        """As the task that waits hands it on: a file of the contract, in the folder. Raises HandedOnError."""
        try:
            file = cls(**document)
            sound = (
                file.name in FILES
                and "/" not in file.uploaded_as
                and min(file.size, file.mtime) >= 0
            )
        except TypeError:
            sound = False
        if not sound:
            raise HandedOnError(
                "The list of files to land is not one that the wait hands on",
                expected="names of the contract, sizes and times",
                next_step="clear the task wait: it looks again",
            )
        return file


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state that survives polls: what the known files were, and since when they are so."""

    files: frozenset[RemoteFile]
    since: float


@dataclass(frozen=True, slots=True)
class Strangers:
    """Names that are not taken, fit for display, each with why: near misses, temporary ones, all others.

    ``temporary``: those of an upload that goes on; one that was left lying is among the others.
    """

    near_misses: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every reported name."""
        return (*self.near_misses, *self.temporary, *self.unexpected)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one listing says.

    ``complete``: start now. ``usable``: would do at the end of the wait. ``settled``: no known
    file changed for the quiet period. ``files``: what to take, stale ones included, in load order.
    ``missing``, ``stale``, ``outside`` (there, but mtime not in the window): contract names; a
    required one that is ``outside`` counts as missing. ``waiting_for``: one line for a person.
    ``snapshot``: for the next call.
    """

    complete: bool
    usable: bool
    settled: bool
    files: tuple[UploadedFile, ...]
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    outside: tuple[str, ...]
    strangers: Strangers
    waiting_for: str
    snapshot: Snapshot

    @property
    def has_news(self) -> bool:
        """At least one file that the last accepted landing did not hold."""
        return any(not f.stale for f in self.files)


def expected_files(cfg: DistrictConfig, domain: Domain) -> dict[str, str]:
    """Contract name -> uploaded name of a domain's files, optional ones too, in load order."""
    return {f.name: cfg.uploaded_name(f) for f in files_of(domain)}


def quiet_seconds(cfg: DistrictConfig, domain: Domain) -> float:
    """How long files must be left alone; attendance cannot wait for the core's five minutes."""
    quiet = cfg.core.quiet.total_seconds()
    return min(quiet, _ATTENDANCE_QUIET) if domain is Domain.ATTENDANCE else quiet


def other_names(cfg: DistrictConfig, domain: Domain) -> frozenset[str]:
    """Uploaded names of the other domains: no strangers when one folder serves all."""
    own = files_of(domain)
    return frozenset(cfg.uploaded_name(f) for f in FILES.values() if f not in own)


def files_off(cfg: DistrictConfig, domain: Domain) -> dict[str, Domain]:
    """Uploaded name -> domain of files that no sync of the district reads. The core's says so, for all."""
    if domain is not Domain.CORE:
        return {}
    configured = {Domain.TERMS: cfg.terms, Domain.ATTENDANCE: cfg.attendance}
    domains = [d for d, found in configured.items() if found is None]
    return {cfg.uploaded_name(f): d for d in domains for f in files_of(d)}


def last_files(manifest: Manifest | None) -> dict[str, tuple[int, float]]:
    """Contract name -> (size, mtime) of the last accepted landing, as :func:`assess` takes it."""
    return {f.name: (f.size, f.mtime) for f in manifest.files} if manifest else {}


def is_same(size: int, mtime: float, last: tuple[int, float] | None) -> bool:
    """Same size and time as before; SFTP gives whole seconds, a local folder does not."""
    return last is not None and (size, int(mtime)) == (last[0], int(last[1]))


def has_news(files: Collection[UploadedFile], landed: Mapping[str, tuple[int, float]]) -> bool:
    """True when the server holds a file that neither the slot's landing nor the one before it had.

    ``landed``: of the slot's newest landing from the server, see :func:`last_files`. A file that is gone is
    no news: many districts tidy up after sending.
    """
    return any(not f.stale and not is_same(f.size, f.mtime, landed.get(f.name)) for f in files)


def assess(
    listing: Listing,
    snapshot: Snapshot | None,
    last: Mapping[str, tuple[int, float]],
    files: Mapping[str, str],
    *,
    quiet: float,
    now: float,
    window: Window = (None, None),
    others: Collection[str] = (),
    off: Mapping[str, Domain] = NOTHING_OFF,
) -> Assessment:
    """Judge one listing.

    ``listing``: what the folder holds now. ``snapshot``: of the previous call, None at first (so a restart
    waits one quiet period again). ``last``: of the last accepted landing, see :func:`last_files`. ``files``:
    contract name -> uploaded name, see :func:`expected_files`. ``quiet``: seconds without change that mean
    the district is done. ``now``: epoch seconds. ``window``: only files changed in it count; a stale file
    stays stale wherever it lies. ``others``: uploaded names of other domains; ``off``: see :func:`files_off`.
    """
    found: list[UploadedFile] = []
    outside: list[str] = []
    for name, uploaded_as in files.items():
        remote = listing.file(uploaded_as)
        if remote is None:
            continue
        stale = is_same(remote.size, remote.mtime, last.get(name))
        if stale or _within(remote.mtime, window):
            found.append(UploadedFile(name, uploaded_as, remote.size, remote.mtime, stale))
        else:
            outside.append(name)

    required = required_of(files)
    fresh = {f.name for f in found if not f.stale}
    missing = tuple(n for n in required if n not in {f.name for f in found})
    stale_names = tuple(f.name for f in found if f.stale)
    temporary = _temporary_names(listing, files)
    snapshot = _snapshot(listing, snapshot, {*files.values(), *temporary}, now)
    going_on = _going_on(listing, snapshot, temporary, now)
    strangers = name_strangers(listing, files, others, off=off, going_on=going_on)
    still = max(0.0, quiet - (now - snapshot.since))

    old = {*outside, *stale_names}
    waiting = [f"a new {files[n]}" if n in old else files[n] for n in required if n not in fresh]
    waiting += [f"the end of {name}" for name in strangers.temporary[:3]]
    if still and found:
        waiting.append(f"{still:.0f} s more in which no file changed")
    return Assessment(
        complete=fresh.issuperset(required) and not still and not strangers.temporary,
        settled=not still,
        usable=bool(fresh) and not still and not set(always_needed(files)).intersection(missing),
        files=tuple(found),
        missing=missing,
        stale=stale_names,
        outside=tuple(outside),
        strangers=strangers,
        waiting_for=", ".join(waiting),
        snapshot=snapshot,
    )


def _snapshot(
    listing: Listing, before: Snapshot | None, names: Collection[str], now: float
) -> Snapshot:
    """The one before while nothing changed. Temporary names count: their growth is the upload going on."""
    watched = frozenset(f for f in listing.files if f.name in names)
    return before if before and before.files == watched else Snapshot(watched, now)


OUTBOX = "outbox"
"""The folder of ours on a district's account."""


def name_strangers(
    listing: Listing,
    files: Mapping[str, str],
    others: Collection[str] = (),
    *,
    off: Mapping[str, Domain] = NOTHING_OFF,
    going_on: Collection[str] = (),
) -> Strangers:
    """What lies in the folder and is not taken: sanitised, the first names of each kind.

    ``off``: see :func:`files_off`. ``going_on``: temporary names that are being written; any other was left.
    """
    known = {*files.values(), *others}
    unfinished = _temporary_names(listing, files)
    near, temporary, noted, unexpected = [], [], [], []
    judged = 0
    for file in listing.files:
        shown = printable_name(file.name)
        if file.name in off:
            noted.append(NotTaken(shown, Why.OFF, domain=off[file.name]).line)
        elif file.name in known:
            continue
        elif file.name in going_on:
            temporary.append(shown)
        elif file.name in unfinished:
            noted.append(NotTaken(shown, Why.UNFINISHED).line)
        elif judged < _JUDGED and (meant := _near_miss(file.name, files.values())):
            near.append(NotTaken(shown, Why.MISNAMED, expected=meant).line)
        else:
            unexpected.append(shown)
        judged += file.name not in known
    unexpected += [
        f"{printable_name(name)} ({what})"
        for name, what in listing.others
        if (name, what) != (OUTBOX, "a folder")
    ]
    crowded = [NotTaken("", Why.CROWDED).line] if listing.is_cut else []
    return Strangers(
        tuple(sorted(near)[:_REPORTED]),
        tuple(sorted(temporary)[:_REPORTED]),
        (*crowded, *sorted(noted)[:_REPORTED], *sorted(unexpected))[:_REPORTED],
    )


def _going_on(
    listing: Listing, snapshot: Snapshot, temporary: Collection[str], now: float
) -> frozenset[str]:
    """Temporary names of files that still change.

    A time over an hour ago is that of one left lying; one in the future says nothing, so what has not
    changed for an hour before our eyes was left, too.
    """
    if now - snapshot.since > _LEFT_LYING:
        return frozenset()
    return frozenset(
        f.name for f in listing.files if f.name in temporary and now - f.mtime <= _LEFT_LYING
    )


def _within(mtime: float, window: Window) -> bool:
    start, end = window
    return (start is None or mtime >= start) and (end is None or mtime <= end)


def _temporary_names(listing: Listing, files: Mapping[str, str]) -> frozenset[str]:
    """Forms that known names have while they are written; what else is called so keeps nobody waiting."""
    # ".students.csv.Xy12Ab" is how rsync writes students.csv.
    starts = tuple(f".{f}." for f in files.values())
    by_rsync = {f.name for f in listing.files if f.name.startswith(starts)}
    like = (f.name for f in listing.files if _TEMPORARY.search(f.name) and f.name not in by_rsync)
    judged = itertools.islice(like, _JUDGED)
    return frozenset(by_rsync) | {
        n for n in judged if _near_miss(_MARKS.sub("", n), files.values())
    }


def _near_miss(name: str, expected: Collection[str]) -> str | None:
    """The expected name that ``name`` was most likely meant to be."""
    stems = {_stem(e): e for e in expected}
    close = difflib.get_close_matches(_stem(name[:200]), stems, n=1, cutoff=_SIMILAR)
    return stems[close[0]] if close else None


def _stem(name: str) -> str:
    """Letters before the first dot: dates, copy numbers, spaces and case do not count."""
    stem = re.sub(r"[^a-z]", "", name.split(".", 1)[0].lower())
    return stem.removeprefix("copyof").removesuffix("copy")

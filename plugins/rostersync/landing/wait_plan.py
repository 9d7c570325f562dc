"""What a slot's wait looks for: carried from the worker that plans it to the trigger that looks."""

from __future__ import annotations

from dataclasses import dataclass, field

from rostersync.landing.completeness import Assessment, Snapshot, assess, has_news
from rostersync.landing.listing import Listing
from rostersync.spec import Domain

LandedFile = tuple[str, int, float]
"""Contract name, size in bytes, mtime in epoch seconds."""


@dataclass(frozen=True, slots=True)
class WaitPlan:
    """What to take, and what to look for on the server.

    ``looks`` False: take ``landing`` from the archive, there is nothing to wait for. True: look at the
    server; ``landing``, if there is one, is taken when the server holds nothing but ``landed``.

    ``files``: contract name -> uploaded name, required and optional; ``others``: uploaded names of other
    domains; ``off``: of those, the domains of names that nobody reads. ``last`` and ``landed``: files of the
    last accepted landing, and of this slot's newest one from the server. ``quiet``: seconds without change.
    ``expected``: whether the district sends on this day.
    Times in epoch seconds: ``deadline``: end of the wait (one in the past still gets the quiet period);
    ``not_before``: when a complete upload is taken at the earliest, since a correction may come; ``window``:
    files changed outside it are of another slot, None is open.
    """

    files: dict[str, str]
    deadline: float
    quiet: float
    looks: bool = True
    landing: int | None = None
    landed: tuple[LandedFile, ...] = ()
    others: tuple[str, ...] = ()
    last: tuple[LandedFile, ...] = ()
    window: tuple[float | None, float | None] = (None, None)
    expected: bool = True
    not_before: float | None = None
    off: dict[str, Domain] = field(default_factory=dict)

    def assess(
        self, listing: Listing, snapshot: Snapshot | None, *, now: float, quiet: float
    ) -> Assessment:
        """One listing of the server; ``snapshot``: of the listing before it."""
        return assess(
            listing,
            snapshot,
            _by_name(self.last),
            self.files,
            quiet=quiet,
            now=now,
            window=self.window,
            others=self.others,
            off=self.off,
        )

    def has_news(self, found: Assessment) -> bool:
        """Whether the server holds a file that the slot's landing does not have."""
        return has_news(found.files, _by_name(self.landed))


def _by_name(files: tuple[LandedFile, ...]) -> dict[str, tuple[int, float]]:
    return {name: (size, mtime) for name, size, mtime in files}

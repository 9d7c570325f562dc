"""New ids for known students: which former id is which new one, as far as nobody can doubt it.

Looked for only where students that are added and students that are removed wait together, and where a
person has approved that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostersync.archive import DiffFolder
from rostersync.diff.inputs import FileInput
from rostersync.engine import Session
from rostersync.fold import Settled, trade_scopes
from rostersync.spec import Entity

REKEYED_PERCENT = 80
"""Of the students whose removal waits; so many must have a new id for it to be called new ids."""
NAMESAKES = 100
"""A name that more students have than this, of those gone or of those new, is not looked into."""
_CONTACTS = ("parents", "emergency_contacts")
FAMILY = 8
"""An email or phone of more students than this is an office's, and tells nobody from anybody."""


def find_rekeyed(
    session: Session,
    folder: DiffFolder,
    settled: Settled,
    files: Mapping[str, FileInput],
    concerned: Sequence[Entity],
) -> tuple[dict[str, int], str | None]:
    """Proposed new ids by school, and the archive name of those that were approved (None: there are none).

    ``folder``: of the diff; the proposed ones are written there, too. The session holds a resolved night with
    its changes of the entities ``concerned``. Nothing is proposed unless it is of most students whose removal
    waits.
    """
    is_asked = bool(settled.rekeyed or trade_scopes(settled.held))
    if not is_asked or not files["students"].brings_rows:
        return {}, None
    session.run(
        "duckdb/diff/rekeyed.sql",
        {"approved": list(settled.rekeyed)},
        stored=[e.name for e in concerned if e.name in _CONTACTS],
        files=[n for n in _CONTACTS if n in files and files[n].clean is not None],
        namesakes=NAMESAKES,
        family=FAMILY,
    )
    approved = folder.aliases
    if not _keep(session, approved, waits=False):
        approved = ""
    removed = session.scalar("select count(*) from held_students where op = 'D'")
    found = session.scalar("select count(*) from rekeyed where waits")
    if not found or found * 100 < removed * REKEYED_PERCENT:
        return {}, approved or None
    _keep(session, folder.rekeyed, waits=True)
    schools = "select school_id, count(*) from rekeyed where waits group by 1 order by 1"
    return dict(session.con.execute(schools).fetchall()), approved or None


def _keep(session: Session, name: str, *, waits: bool) -> bool:
    """Write the pairs to the archive, if there are any."""
    which = f"from rekeyed where {'waits' if waits else 'not waits'}"
    if not session.scalar(f"select count(*) {which}"):
        return False
    columns = "former_student_id, student_id, school_id"
    session.write_parquet(f"select {columns} {which}", name, order="order by all")
    return True

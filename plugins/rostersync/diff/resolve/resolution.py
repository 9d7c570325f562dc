"""What the parts of a resolve share: the landing, what is known of it by now, and how statements are run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rostersync.archive import FileState
from rostersync.diff.inputs import Codes, FileInput, RuleText
from rostersync.engine import Session, render_sql
from rostersync.fold import Restored, Slice
from rostersync.spec import ENTITIES, FILES, Domain, Entity, File, Reference

MEMBERS = "group_user_members"


class _Progress:
    """What is known of a landing by now, while it is resolved."""

    def __init__(self) -> None:
        self.carried: set[str] = set()
        self.reused = 0
        self.has_findings = False
        self.outgrown: set[str] = set()
        self.available: set[str] = set()
        self.waiting: set[str] = set()
        self.referables: set[str] = set()
        """Entities of which references may look into more than the state."""
        self.is_replaced = False
        self.found: dict[str, int] = {}
        """Files validation found something in, each with its number of errors."""
        self.out: Counter[str] = Counter()
        """Rows of ``excluded`` by file."""
        self.held_back: set[str] = set()
        """Entities of which ``held_back_<entity>`` has rows."""
        self.crowded: set[str] = set()
        """Files in which several records have one key."""
        self.unidentified: set[str] = set()
        """Files of which ``unidentified_<file>`` has rows."""
        self.damaged: set[str] = set()
        """Entities of which ``damaged_<entity>`` has rows."""
        self.known_ids: set[str] = set()
        """Tables of the ids that are known of an entity."""
        self.notes = 0
        self.unknown_teachers = 0
        """Records of sections whose teacher nobody knows."""
        self.demoted = 0
        """Teachers of sections who are carried, but not as the primary one."""
        self.lost = 0
        """Rows of ``lost_contacts``."""
        self.is_out_of_scope = False
        self.left_out: set[str] = set()
        """Entities of which ``left_out_<entity>`` has rows: the district's map leaves these ids out."""
        self.left_out_contacts = 0
        """Rows of ``left_out_contacts``."""


class Resolution(_Progress):
    """One landing and what is known of it, while it is resolved against the state before it.

    After ``run``, the session has ``state_<entity>``, ``prev_<entity>``, ``carried_<entity>`` per
    entity, ``excluded`` and ``notes`` of all files; ``files`` has the files' states as resolve left them.
    ``carried``, ``waiting``: the entities some row of which is carried, some change of which may be held.
    ``outgrown``: those whose state before has a column that has left the contract since.
    ``reused``: students under whose id another child seems to be sent. ``has_findings``: something was found
    in some record.

    Most files of most nights are in order: a statement whose answer is known to be empty is not run.

    ``session``: of the run. ``files``: the landing's, by contract name. ``prev``: archive names of each
    entity's state before. ``texts``: what the rules say. ``office``: the district office's school_ids.
    ``foreign``: archive names of other domains' states by entity, None for one without rows. An entity that
    is not here is not looked for. ``held``: slices of changes of which nothing is applied. ``gone``:
    school_ids that count as tonight's although schools.csv lacks them: their rows may go. ``restored``: what
    stands as it was, in the order in which it was decided, and the archive name of the state it is taken from
    (None: without rows). ``new_ids``: archive names of lists of ids that seem damaged and are meant so.
    ``folder_only``: there is no state, as in a check; ``fails``: nothing of the landing loads: in both, what
    would be found in a file that brings nothing is not looked for. ``codes``: the district's attendance
    codes. ``prev_lost``: archive name of the list of who last had what members are known by and nobody had in
    the state before; None: there is none.
    """

    def __init__(
        self,
        session: Session,
        files: dict[str, FileInput],
        prev: Mapping[str, Sequence[str]],
        texts: Mapping[str, RuleText],
        office: Sequence[str] = (),
        *,
        foreign: Mapping[str, str | None] | None = None,
        held: Sequence[Slice] = (),
        gone: Sequence[str] = (),
        restored: Sequence[tuple[Restored, str | None]] = (),
        new_ids: Sequence[str] = (),
        folder_only: bool = False,
        fails: bool = False,
        codes: Codes | None = None,
        prev_lost: str | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.files = files
        self.prev = prev
        self.texts = texts
        self.office = list(office)
        self.foreign = dict(foreign or {})
        self.held = tuple(held)
        self.gone = list(gone)
        self.restored = tuple(restored)
        self.new_ids = tuple(new_ids)
        self.folder_only = folder_only
        self.only_what_came = folder_only or fails
        self.codes = codes or Codes()
        self.prev_lost = prev_lost

    def with_office(self, table: str, schools: str) -> None:
        """The schools of a relation and the district office, which schools.csv does not have."""
        self.session.run(
            "duckdb/resolve/with_office.sql", {"office": self.office}, table=table, schools=schools
        )

    def references(self, entity: Entity, *, advisory: bool = False) -> list[Reference]:
        """The references that can be looked up."""
        looked_for = (r for r in entity.references if r.entity in self.available)
        return [r for r in looked_for if r.advisory is advisory]

    def is_asked_for(self, name: str) -> bool:
        """False for a file the district does not send and need not: its absence is no news."""
        if self.files[name].state is not FileState.MISSING or self.prev.get(name):
            return True
        core = (f for f in self.files.values() if FILES[f.name].domain is Domain.CORE)
        # a folder of another domain's files alone does not miss the night's
        is_night = any(f.state is not FileState.MISSING for f in core)
        return FILES[name].required and (is_night or not self.folder_only)

    def left_out_with(self, file: File) -> list[Reference]:
        """The references of a file's records to ids that the district's map leaves out."""
        return [r for r in ENTITIES[file.name].references if r.entity in self.left_out]

    def left_out_by_contact(self, file: File) -> bool:
        """Its records may refer to who is left out by an email or mobile alone."""
        return file.name == MEMBERS and self.left_out_contacts > 0

    def leaves_out(self, file: File) -> bool:
        """Records of it may be left out: by the district's map, or with what they refer to."""
        by_reference = bool(self.left_out_with(file)) or self.left_out_by_contact(file)
        return not file.wide and (has_status(file) or by_reference)

    def did_not_come(self, entity: str) -> str | None:
        """The file of an entity that others refer to, where it brings nothing: ``students.csv (stale)``."""
        given = self.files.get(ENTITIES[entity].file)
        if given is None or given.brings_rows:
            return None
        return f"{FILES[given.name].csv} ({given.state.replace('_', ' ')})"

    def referable(self, entity: str) -> str:
        """The relation that references to an entity may look into."""
        return f"{'referable' if entity in self.referables else 'state'}_{entity}"

    def known(self, file: File, parent: str, *, standing: bool = False) -> str:
        """The relation in which a reference of ``file`` to ``parent`` is looked for.

        ``standing``: without rows that may only be referred to: they are held, or gone by a restore.
        """
        if file.office and parent == "schools":
            return "standing_known_schools" if standing else "known_schools"
        return f"state_{parent}" if standing else self.referable(parent)

    def add_carried(self, entity: Entity, rows: int) -> None:
        """So many rows were put into ``carried_<entity>``."""
        self.carried |= {entity.name} if rows else set()

    def drop_of_replaced(self, entity: Entity, what: str) -> None:
        """Out of what keeps its version before: all that is of a student whose id another child now has."""
        if self.is_replaced and any(r.entity == "students" for r in entity.references):
            relation = f"{what}_{entity.name}"
            self.sql("not_carried_across", relation=relation, held=what == "held")

    def note(self, file: File, rule: str, query: str, **identifiers: Any) -> int:
        """Keep a warning of resolve's own: the lines a query returns; how many."""
        sql = render_sql(f"duckdb/resolve/{query}.sql", file=file, **identifiers)
        noted = self.session.con.execute(
            f"insert into notes select $1, $2, _line from ({sql})", [file.name, rule]
        )
        ((lines,),) = noted.fetchall()
        self.notes += lines
        return int(lines)

    def sql(self, name: str, **identifiers: Any) -> None:
        """Run a file that makes tables or views."""
        self.session.run(f"duckdb/resolve/{name}.sql", **identifiers)

    def count(self, name: str, **identifiers: Any) -> int:
        """Run a file that makes a table, or puts rows into one; how many rows."""
        [(rows,)] = self.session.run(f"duckdb/resolve/{name}.sql", **identifiers)
        return int(rows)


def has_status(file: File) -> bool:
    """The district's map may leave records of it out."""
    return any(c.name == "status" for c in file.columns)


def scope_of(file: File) -> str:
    """The relation of tonight's schools, as far as ``file`` may have records of them."""
    if file.domain is Domain.ATTENDANCE:
        return "prev_attendance"
    return "scope_with_office" if file.office else "scope_schools"

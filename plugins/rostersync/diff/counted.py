"""What of a diff's additions and removals no limit counts (docs/holds.md, "What counts").

A row whose person goes: the person's own removal is judged. One half of a move. What goes with a section
whose term is over. A contact whose key alone is another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from rostersync.engine import Session
from rostersync.spec import ENTITIES, Entity

TERM_DAYS = 14
"""A term that ends within so many days is over as far as its sections go."""

PAIRED = {
    "rosters": ("school_id", "student_id"),
    "section_teachers": ("school_id", "section_id"),
    "group_members": ("school_id", "student_id", "category"),
}
"""Within which columns a row that goes and one that comes are one move, by entity."""

BESIDE_KEY = {
    "sections": ("term_id",),
    "group_user_members": ("staff_id", "parent_id", "email", "mobile"),
}
"""Columns beside the key that are looked at, by entity."""

_IN_SECTIONS = ("sections", "section_teachers", "rosters")
_CONTACTABLE = ("staff", "parents")

Uncounted = dict[str, tuple[int, int]]
"""By school ("" where a row has none): rows removed and rows added that no limit counts."""


@dataclass(frozen=True, slots=True)
class TermsAt:
    """The terms that were last loaded, as ``state_terms`` of the session, on the day of a slot."""

    slot: str
    is_tonight: bool = True
    """The state's rows are told apart by their line; else all of them are the upload's."""


class Counted:
    """What no limit counts, of any entity of a session's diff.

    The session has ``prev_`` and ``state_`` of every entity that is asked about or referred to. ``find``:
    makes ``moved_<entity>`` with columns beside the key. ``losing``: names of the entities of which rows are
    removed. ``terms``: None where there are none. ``has_changes``: the session has ``changes_<entity>``,
    which is less to read than a state.
    """

    def __init__(
        self,
        session: Session,
        find: Callable[[Entity, Collection[str]], None],
        losing: Collection[str],
        terms: TermsAt | None,
        *,
        has_changes: bool,
    ) -> None:
        self.session = session
        self.losing = losing
        self.terms = terms
        self.has_changes = has_changes
        self._find = find
        self._moved: set[str] = set()
        self._people: dict[tuple[str, tuple[str, ...]], bool] = {}
        self._made: dict[str, bool] = {}

    def of(self, entity: Entity) -> Uncounted:
        """What no limit counts of one entity, by school."""
        if entity.name not in self.losing:
            return {}
        people = [r for r in entity.references if self._goes_somebody(r.entity, r.to)]
        has_contacts = entity.name == "group_user_members" and self._once(
            "contacts_gone", self._contacts_gone
        )
        is_turned = entity.name in _IN_SECTIONS and self._once("turned", self._turned)
        is_renamed = entity.name == "parents" and self._once("renamed", self._renamed)
        by = PAIRED.get(entity.name, ())
        if not (people or has_contacts or is_turned or is_renamed or by):
            return {}
        self._look_at(entity)
        counted = self.session.run(
            "duckdb/diff/uncounted.sql",
            entity=entity,
            owners=people,
            by=by,
            in_category="category" in by,
            is_turned=is_turned,
            is_renamed=is_renamed,
            has_contacts=has_contacts,
        )
        return {school or "": (removed, added) for school, removed, added in counted}

    def _look_at(self, entity: Entity) -> None:
        if entity.name not in self._moved:
            self._moved.add(entity.name)
            self._find(entity, BESIDE_KEY.get(entity.name, ()))

    def _goes_somebody(self, name: str, known_by: tuple[str, ...]) -> bool:
        """Whether somebody of an entity goes of whom nothing is left under these columns."""
        person = ENTITIES[name]
        if not person.person or name not in self.losing:
            return False
        if (name, known_by) not in self._people:
            self._look_at(person)
            rows = self.session.run("duckdb/diff/people_gone.sql", entity=person, names=known_by)
            self._people[name, known_by] = rows[0][0] > 0
        return self._people[name, known_by]

    def _once(self, what: str, make: Callable[[], bool]) -> bool:
        if what not in self._made:
            self._made[what] = make()
        return self._made[what]

    def _contacts_gone(self) -> bool:
        people = [ENTITIES[n] for n in _CONTACTABLE if n in self.losing]
        if not people:
            return False
        for person in people:
            self._look_at(person)
        rows = self.session.run("duckdb/diff/contacts_gone.sql", losing=people)
        return bool(rows[0][0])

    def _turned(self) -> bool:
        if self.terms is None or "sections" not in self.losing:
            return False
        self._look_at(ENTITIES["sections"])
        rows = self.session.run(
            "duckdb/diff/turned_sections.sql",
            {"slot": self.terms.slot[:10]},
            days=TERM_DAYS,
            is_tonight=self.terms.is_tonight,
        )
        return bool(rows[0][0])

    def _renamed(self) -> bool:
        self._look_at(ENTITIES["parents"])
        came = "changes_parents" if self.has_changes else "state_parents"
        return bool(self.session.run("duckdb/diff/renamed_contacts.sql", came=came)[0][0])

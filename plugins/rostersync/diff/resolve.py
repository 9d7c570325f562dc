"""Resolve: which records are accepted, which stay out, which stored rows are carried.

Works file by file, parents before children, on views of one DuckDB session. Every statement lies in
include/sql/duckdb/resolve; this module is their order and the contract's special cases by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rostersync.archive import FileState
from rostersync.diff.inputs import CARRY_REASON, Codes, FileInput, RuleText
from rostersync.engine import Session, render_sql
from rostersync.engine.sql import pairs, quote
from rostersync.fold import FindingSummary, Restored, Slice
from rostersync.spec import ALL_DAY, ENTITIES, FILES, Domain, Entity, File, Reference

VANISHING_ROWS, VANISHING_PERCENT = 10, 50
"""Events of one school, date and kind: when more of them would vanish, they stay."""


SPECIAL = ("students", "student_schools", "sections", "section_teachers", "attendance")
"""Entities that are not one row per record of their file."""

_MOST_CODES = 10


class Resolver:
    """Resolves one landing against the state before it.

    After :meth:`run`, the session has ``state_<entity>``, ``prev_<entity>``, ``carried_<entity>`` per
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
    (None: without rows). ``folder_only``: what the landing has no file of is not looked for either, as a
    check does. ``codes``: the district's attendance codes.
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
        folder_only: bool = False,
        codes: Codes | None = None,
    ) -> None:
        self.session = session
        self.files = files
        self.prev = prev
        self.texts = texts
        self.office = list(office)
        self.foreign = dict(foreign or {})
        self.held = tuple(held)
        self.gone = list(gone)
        self.restored = tuple(restored)
        self.folder_only = folder_only
        self.codes = codes or Codes()
        self.carried: set[str] = set()
        self.reused = 0
        self.has_findings = False
        self.outgrown: set[str] = set()
        self._available: set[str] = set()
        self.waiting: set[str] = set()
        self._referables: set[str] = set()
        """Entities of which references may look into more than the state."""
        self._replaced = False
        self._found: dict[str, int] = {}
        """Files validation found something in, each with its number of errors."""
        self._out: Counter[str] = Counter()
        """Rows of ``excluded`` by file."""
        self._held_back: set[str] = set()
        """Entities of which ``held_back_<entity>`` has rows."""
        self._crowded: set[str] = set()
        """Files in which several records have one key."""
        self._unidentified: set[str] = set()
        """Files of which ``unidentified_<file>`` has rows."""
        self._notes = 0
        self._is_out_of_scope = False

    def run(self, entities: Iterable[Entity], findings: str) -> None:
        """Resolve all entities in order. ``findings``: archive name of validation's findings."""
        entities = tuple(entities)
        self._findings(findings)
        clean = [f.clean for f in self.files.values() if f.clean is not None]
        self.session.read_schemas([*clean, *(n for names in self.prev.values() for n in names)])
        self._sql("excluded_table")
        self._sql("notes_table")
        self._hold_slices()
        self._look_around(entities)
        for entity in entities:
            self._previous(entity)
        done: set[str] = set()
        for entity in entities:
            file = FILES[entity.file]
            if file.name not in done:
                done.add(file.name)
                self._file(file, ENTITIES[file.name])
            self._entity(file, entity)
            if entity.name == "schools":
                self._with_office("known_schools", self._referable("schools"))
                self._with_office("standing_known_schools", "state_schools")
        self.has_findings = bool(self._found) or self._out.total() > 0 or self._notes > 0

    def _findings(self, findings: str) -> None:
        self.session.keep_parquet("findings", findings)
        self._found = dict(self.session.run("duckdb/resolve/findings_by_file.sql"))
        if any(self._found.values()):
            self._sql("errors")

    def _hold_slices(self) -> None:
        con = self.session.con
        if self.held:
            con.execute("create table held_slices (entity varchar, kind varchar, scope varchar)")
        for one in self.held:
            con.execute(
                "insert into held_slices values ($1, $2, $3)", [one.entity, one.kind, one.scope]
            )
        if self.restored:
            con.execute(
                "create table restored_scopes (entity varchar, scope varchar, place integer)"
            )
        for place, (back, _) in enumerate(self.restored):
            con.execute(
                "insert into restored_scopes values ($1, $2, $3)", [back.entity, back.scope, place]
            )

    def records(self, main: Entity, findings: str) -> None:
        """Only read an entity's file: ``rows_<file>``, and ``damaged_<entity>`` unless of events."""
        file = FILES[main.file]
        given = self.files[file.name]
        if given.clean is None:
            raise ValueError(f"{file.name} has no records to read")
        self._findings(findings)
        self._previous(main)
        self._rows(file, main, given.clean, given.rejects)
        if not main.day:
            self._sql("gone", file=file, entity=main)
            self._sql("damaged_ids", file=file, entity=main)

    def _look_around(self, entities: tuple[Entity, ...]) -> None:
        """Which entities references can look into: the landing's own, and states of other domains."""
        for name, state in self.foreign.items():
            if state is None:
                self._sql("no_rows", entity=ENTITIES[name], view=f"state_{name}")
            else:
                self.session.view_state(f"state_{name}", ENTITIES[name], state)
        own = {
            e.name
            for e in entities
            if not self.folder_only or self.files[e.file].state is not FileState.MISSING
        }
        self._available = own | set(self.foreign)
        if not any(e.name == "schools" for e in entities):
            self._foreign_schools()

    def _foreign_schools(self) -> None:
        """A domain without schools.csv: the schools that are known are those that files speak of."""
        if "schools" not in self.foreign:
            self._sql("no_rows", entity=ENTITIES["schools"], view="state_schools")
        con = self.session.con
        con.execute("create view prev_schools as from state_schools")
        con.execute("create table scope_schools as select school_id from state_schools")
        self._with_office("known_schools", "state_schools")
        self._with_office("standing_known_schools", "state_schools")

    def _references(self, entity: Entity, *, advisory: bool = False) -> list[Reference]:
        """The references that can be looked up."""
        looked_for = (r for r in entity.references if r.entity in self._available)
        return [r for r in looked_for if r.advisory is advisory]

    def _previous(self, entity: Entity) -> None:
        view = f"prev_{entity.name}"
        stored = self.prev.get(entity.name)
        if not stored:
            self._sql("no_rows", entity=entity, view=f"empty_{entity.name}")
            self.session.con.execute(
                f"create view {quote(view)} as select * exclude (_line) from {quote('empty_' + entity.name)}"
            )
        elif self.session.view_state(view, entity, *stored):
            self.outgrown.add(entity.name)

    def _file(self, file: File, main: Entity) -> None:
        given = self.files[file.name]
        if file.name == "group_user_members":
            people = [self._referable(n) for n in ("staff", "parents")]
            self._sql("people_contacts", view="people_contacts", people=people)
            with_rows = [n for n in ("staff", "parents") if self.files[n].clean is not None]
            self._sql("people_in_quarantine", files=with_rows)
        if given.clean is not None:
            self._rows(file, main, given.clean, given.rejects)
        if main.name == "schools":
            self._scope(given)
        if not given.brings_rows:
            return
        self._excluded(file, main, has_rejects=given.rejects is not None)
        self._sql("lines", file=file, kept_out=self._out[file.name] > 0)
        has_damaged = self._keep_out_damaged_ids(file, main)
        orphans = self._orphans(file, main)
        if orphans and self._all_orphans(file, main):
            self._reject(file)
            return
        self._keep_out(file, orphans)
        for reference in self._references(main, advisory=True):
            known = self._known(file, reference.entity)
            self._note(file, reference.rule, "missing_advised", reference=reference, known=known)
        if file.wide:
            self._tell_codes(file)
        if self._out[file.name] or has_damaged:
            rows = self._count("held_back", file=file, entity=main, has_damaged=has_damaged)
            self._held_back |= {main.name} if rows else set()
        self._unidentify(file, main, has_rejects=given.rejects is not None)

    def _orphans(self, file: File, main: Entity) -> int:
        """Exclude the records that refer to nothing known; how often."""
        parents = [
            (r, self._known(file, r.entity), r.entity in self._held_back)
            for r in self._references(main)
        ]
        count = self._count("references", file=file, references=parents) if parents else 0
        if file.name == "group_user_members" and self._available.issuperset(("staff", "parents")):
            count += self._count("no_such_person")
        return count

    def _keep_out(self, file: File, count: int) -> None:
        """Take so many new rows of ``excluded`` off the standing records."""
        lines = f"lines_{file.name}"
        if count and self._out[file.name]:
            self.session.con.execute(
                f"delete from {quote(lines)} as n using excluded as x"
                " where n._line = x._line and x.file = $1",
                [file.name],
            )
        elif count:
            self.session.con.execute(f"drop view {quote(lines)}")
            self._sql("lines", file=file, kept_out=True)
        self._out[file.name] += count

    def _unidentify(self, file: File, main: Entity, *, has_rejects: bool) -> None:
        """What is known of damaged records whose key cannot be read."""
        # a group member's key may be damaged by what is only a warning
        suspect = file.name == "group_user_members" and file.name in self._found
        if not (has_rejects or suspect or self._found.get(file.name)):
            return
        rows = self._count(
            "unidentified",
            file=file,
            knows_student="student_id" in main.key and len(main.key) > 1,
            scope=_scope(file),
            has_rejects=has_rejects,
        )
        self._unidentified |= {file.name} if rows else set()

    def _tell_codes(self, file: File) -> None:
        """Codes that are not in the district's list; on top those that only lack their case."""
        near = self.codes.notifying or self.codes.listed
        self.session.run(
            "duckdb/resolve/unlisted_codes.sql",
            {"codes": list(self.codes.listed), "near": list(near)},
        )
        for rule, is_near in (("attendance.code.case", True), ("attendance.code.known", False)):
            found = self.session.run(
                "duckdb/resolve/most_unlisted.sql", is_near=is_near, most=_MOST_CODES
            )
            if not found:
                continue
            if not self.codes.listed:
                self._tell_codes_seen(file, rule, found)
                continue
            self._note(file, rule, "unlisted_lines", is_near=is_near)
            given = self.files[file.name]
            values = {**given.values, rule: f"Sent: {_listed_codes(found)}"}
            self.files[file.name] = replace(given, values=values)

    def _tell_codes_seen(self, file: File, rule: str, found: Sequence[tuple[Any, ...]]) -> None:
        """A district without a list is told its codes, not every event that has one."""
        text, given = self.texts[rule], self.files[file.name]
        seen = FindingSummary(
            rule,
            text.severity,
            text.column,
            found[0][2],
            message="The district's configuration lists no codes yet: until then nothing is notified.",
            values=f"Sent: {_listed_codes(found)}",
        )
        self.files[file.name] = replace(given, findings=(*given.findings, seen))

    def _excluded(self, file: File, main: Entity, *, has_rejects: bool) -> None:
        first_wins = file.first_wins
        key = list(first_wins or main.key)
        given = {
            "file": file,
            "key": key,
            "conflict_rule": f"{main.name}.key.conflicting_duplicate",
            "has_rejects": has_rejects,
            "has_errors": bool(self._found.get(file.name)),
        }
        if file.wide:
            value = file.wide.replaces[1]
            crowded = self._count("crowded_events", file=file, key=key, value=value)
            if crowded or has_rejects or given["has_errors"]:
                self._out[file.name] += self._count("excluded_events", **given, value=value)
            return
        if self._count("crowded", file=file, key=key):
            self._crowded.add(file.name)
        elif not (has_rejects or given["has_errors"]):
            return
        places = list(file.may_differ)
        contents = [c.name for c in file.columns if c.name not in (*key, *places)]
        if file.attributes:
            contents.append("attributes")
        self._out[file.name] += self._count(
            "excluded", **given, contents=contents, places=places, first_wins=bool(first_wins)
        )

    def _all_orphans(self, file: File, main: Entity) -> bool:
        """True when not one record of an optional file refers to anything that is known."""
        if file.required or main.day:
            return False
        ((records, orphans),) = self.session.run("duckdb/resolve/all_orphans.sql", file=file)
        return bool(records) and records == orphans

    def _reject(self, file: File) -> None:
        """An optional file that refers to nothing known is another district's or another year's."""
        given = self.files[file.name]
        found = FindingSummary(
            "file.records.orphaned",
            "critical",
            None,
            given.records or 0,
            message=f"Every record of {file.csv} refers to something that is not known: it may be of"
            " another school year or district. It is left out, and what was known of it stays.",
        )
        causes = (
            FindingSummary(
                rule,
                self.texts[rule].severity,
                self.texts[rule].column,
                count,
                tuple(lines),
                self.texts[rule].message,
            )
            for rule, count, lines in self.session.run("duckdb/resolve/orphan_rules.sql", file=file)
        )
        self.files[file.name] = replace(
            given, state=FileState.REJECTED, findings=(*given.findings, found, *causes)
        )
        self.session.con.execute("delete from excluded where file = $1", [file.name])
        del self._out[file.name]

    def _rows(self, file: File, main: Entity, clean: str, rejects: str | None) -> None:
        self._view_records(file, clean)
        if rejects is not None:
            self.session.view_parquet(f"rejects_{file.name}", rejects)
        if file.wide:
            self._sql("rows_events", file=file, has_errors=bool(self._found.get(file.name)))
            return
        self._sql(
            "rows",
            file=file,
            key=main.key,
            has_contact_key="contact_key" in main.key,
            made=main.made,
            has_status=_has_status(file),
            has_errors=bool(self._found.get(file.name)),
        )

    def _view_records(self, file: File, clean: str) -> None:
        """The file's records; what they were staged without, because it came later, is blank."""
        names = [c.name for c in file.columns]
        names += ["attributes"] if file.attributes else []
        names += [file.wide.column] if file.wide else []
        columns = [("_line", "bigint"), *((name, "varchar") for name in names)]
        self.session.view_columns(f"clean_{file.name}", columns, clean)

    def _scope(self, given: FileInput) -> None:
        """The schools in tonight's schools.csv: nothing of any other school is removed."""
        self.session.run(
            "duckdb/resolve/scope.sql", {"gone": self.gone}, has_records=given.clean is not None
        )
        self._with_office("scope_with_office", "scope_schools")
        if self.prev.get("schools") or self.prev.get("student_schools"):
            [(self._is_out_of_scope,)] = self.session.run("duckdb/resolve/out_of_scope.sql")

    def _with_office(self, table: str, schools: str) -> None:
        """The schools of a relation and the district office, which schools.csv does not have."""
        self.session.run(
            "duckdb/resolve/with_office.sql", {"office": self.office}, table=table, schools=schools
        )

    def _keep_out_damaged_ids(self, file: File, main: Entity) -> bool:
        """Whether there are any. One cause, one finding: a damaged id also refers to nothing known."""
        if main.day or not self.prev.get(main.name):
            return False
        if not self._count("gone", file=file, entity=main):
            return False
        if not self._count("damaged_ids", file=file, entity=main):
            return False
        rule = f"{main.name}.{main.key[-1]}.damaged"
        self._keep_out(file, self._count("damaged_out", file=file, entity=main, rule=rule))
        return True

    def _entity(self, file: File, entity: Entity) -> None:
        given = self.files[file.name]
        if given.brings_rows:
            self._accept(file, entity)
            if entity.day:
                self._carry_events(file, entity)
                self._state(entity)
                return
            self._carry(file, entity)
        else:
            self._sql("no_rows", entity=entity, view=f"accepted_{entity.name}")
            self._carry_file(entity, CARRY_REASON[given.state])
        if entity.name in self.carried:
            for reference in self._references(entity):
                known = self._known(file, reference.entity)
                self._sql("orphaned", entity=entity, reference=reference, known=known)
            if entity.name == "group_user_members":
                self._sql("gone_members")
            self._drop_of_replaced(entity, "carried")
        if entity.name == "students":
            self.reused = self._count(
                "reused_students",
                reused="reused_students",
                sent="accepted_students",
                state="prev_students",
            )
        self._state(entity)
        if entity.name == "students" and self.reused:
            self._replaced = self._count("replaced_students") > 0

    def _accept(self, file: File, entity: Entity) -> None:
        # of people with one record each there is nothing to choose
        plain = file.name == "students" and not (self._crowded | self._held_back) & {"students"}
        if entity.name not in SPECIAL or plain:
            self._sql("accepted/default", file=file, entity=entity)
        elif entity.name == "students":
            held_back = "students" in self._held_back
            self._sql("accepted/students", entity=entity, is_held_back=held_back)
        elif entity.name == "section_teachers":
            self._sql("accepted/section_teachers", staff=self._referable("staff"))
        else:
            self._sql(f"accepted/{entity.name}", entity=entity)
        if entity.name == "section_teachers" and "staff" in self._available:
            rule, staff = "section_teachers.staff_id.known", self._referable("staff")
            self._note(file, rule, "unknown_teachers", staff=staff)
        if entity.name == "student_schools" and "students" in self._crowded:
            self._note(file, "students.school_id.several", "several_schools")
        if entity.name == "student_schools" and self.reused:
            self._note(file, "students.student_id.possible_reuse", "possible_reuse")

    def _carry(self, file: File, entity: Entity) -> None:
        main = ENTITIES[file.name]
        held_back = main.name in self._held_back
        unidentified = file.name in self._unidentified
        if not self.prev.get(entity.name) or not (
            held_back or unidentified or self._is_out_of_scope
        ):
            self._sql("none_carried", entity=entity)
            return
        rows = self._count(
            "carried",
            file=file,
            entity=entity,
            main=main,
            frozen_on=[k for k in main.key if k in entity.key],
            knows_student="student_id" in entity.key and len(main.key) > 1,
            scope=_scope(file),
            is_held_back=held_back,
            is_unidentified=unidentified,
            has_status=_has_status(file),
        )
        self._carried(entity, rows)

    def _carry_file(self, entity: Entity, reason: str) -> None:
        self._carried(entity, self._count("carried_file", entity=entity, reason=reason))

    def _carried(self, entity: Entity, rows: int) -> None:
        """So many rows were put into ``carried_<entity>``."""
        self.carried |= {entity.name} if rows else set()

    def _drop_of_replaced(self, entity: Entity, what: str) -> None:
        """Out of what keeps its version before: all that is of a student whose id another child now has."""
        if self._replaced and any(r.entity == "students" for r in entity.references):
            relation = f"{what}_{entity.name}"
            self._sql("not_carried_across", relation=relation, held=what == "held")

    def _state(self, entity: Entity) -> None:
        """The state, without the changes that are held, and what references may look into."""
        held_parents = [r for r in self._references(entity) if r.entity in self.waiting]
        hold = bool(held_parents) or any(s.entity == entity.name for s in self.held)
        if hold or self.restored or entity.name == "students":
            self._sql("held", entity=entity, hold=hold, references=held_parents)
        if self.restored:
            self._target(entity)
        if hold:
            self.waiting.add(entity.name)
            for r in self._references(entity):
                known = self._known(FILES[entity.file], r.entity)
                self._sql("held_orphaned", entity=entity, reference=r, known=known)
            self._drop_of_replaced(entity, "held")
            self._carried(entity, self._count("carried_held", entity=entity))
            for r in self._references(entity):  # one that may not move, and whose place is gone
                known = self._known(FILES[entity.file], r.entity)
                self._sql("orphaned", entity=entity, reference=r, known=known)
        self._stand(entity, hold=hold)
        if self.restored:
            self._restore(entity)
        if entity.name == "student_schools":
            self._keep_at_home(entity, hold=hold)
        if hold or self.restored:
            self._sql("referable", entity=entity, hold=hold, restored=bool(self.restored))
            self._referables.add(entity.name)

    def _stand(self, entity: Entity, *, hold: bool) -> None:
        """The state; where something is restored, the state without that."""
        self._sql(
            "state",
            entity=entity,
            hold=hold,
            view=f"{'tonight' if self.restored else 'state'}_{entity.name}",
            has_carried=bool(self.restored) or entity.name in self.carried,
            kind="view" if self.restored else self.session.kept_as,
        )

    def _keep_at_home(self, entity: Entity, *, hold: bool) -> None:
        """A student who stays is at their own school, whatever else made that place go."""
        if self.restored:
            self._sql("home_places", relation=f"returned_{entity.name}", with_reason=False)
            return
        relation = f"carried_{entity.name}"
        if self._count("home_places", relation=relation, with_reason=True):
            self.carried.add(entity.name)
            self._stand(entity, hold=hold)

    def _target(self, entity: Entity) -> None:
        """The rows a restore goes back to, and which of them can stand: their parents do."""
        places = {n: state for n, (r, state) in enumerate(self.restored) if r.entity == entity.name}
        for place, state in places.items():
            if state is not None:
                self.session.view_state(f"then_{place}", entity, state)
        kept = [place for place, state in places.items() if state is not None]
        self._sql("restore/kept", entity=entity, places=kept)
        self._sql("restore/target", entity=entity)
        if kept:
            self._sql("restore/closed", entity=entity, standing=self._standing(entity))
            if entity.name == "group_user_members":
                self._sql("restore/closed_members")
        self._sql("restore/absent", entity=entity, rows=f"held_{entity.name}")
        self._sql("restore/settled", entity=entity)

    def _restore(self, entity: Entity) -> None:
        """The state with what was restored, and without what hangs on a row that is gone by it."""
        self._sql("restore/absent", entity=entity, rows=f"tonight_{entity.name}")
        self._sql(
            "restore/undone",
            entity=entity,
            standing=self._standing(entity),
            members=entity.name == "group_user_members",
        )
        self._sql("restore/returned", entity=entity)
        self.session.con.execute(
            f"delete from {quote('carried_' + entity.name)} as c using {quote('undone_' + entity.name)} as u"
            f" where {pairs(entity.key, 'c', 'u')}"
        )
        self._sql("restore/state", entity=entity)
        if {"staff", "parents"} <= self._available and entity.name == "parents":
            people = ["state_staff", "state_parents"]
            self._sql("people_contacts", view="standing_contacts", people=people)

    def _standing(self, entity: Entity) -> list[tuple[Reference, str]]:
        """The entity's references, each with the relation of the parents that stand."""
        return [
            (r, self._known(FILES[entity.file], r.entity, standing=True))
            for r in self._references(entity)
        ]

    def _carry_events(self, file: File, entity: Entity) -> None:
        rows = self._count(
            "carried_events",
            file=file,
            entity=entity,
            all_day=ALL_DAY,
            guard_rows=VANISHING_ROWS,
            guard_percent=VANISHING_PERCENT,
            is_held_back=entity.name in self._held_back,
            is_unidentified=file.name in self._unidentified,
        )
        self._carried(entity, rows)
        kept = self.session.scalar(
            f"select count(*) from {quote('carried_' + entity.name)} where _reason = 'held'"
        )
        if kept:
            rule = f"{entity.name}.date.vanishing"
            text = self.texts[rule]
            found = FindingSummary(rule, text.severity, text.column, kept, message=text.message)
            given = self.files[file.name]
            self.files[file.name] = replace(given, findings=(*given.findings, found))

    def _note(self, file: File, rule: str, query: str, **identifiers: Any) -> None:
        """Keep a warning of resolve's own: the lines a query returns."""
        sql = render_sql(f"duckdb/resolve/{query}.sql", file=file, **identifiers)
        noted = self.session.con.execute(
            f"insert into notes select $1, $2, _line from ({sql})", [file.name, rule]
        )
        self._notes += noted.fetchall()[0][0]

    def _sql(self, name: str, **identifiers: Any) -> None:
        self.session.run(f"duckdb/resolve/{name}.sql", **identifiers)

    def _count(self, name: str, **identifiers: Any) -> int:
        """Run a file that makes a table, or puts rows into one; how many rows."""
        [(rows,)] = self.session.run(f"duckdb/resolve/{name}.sql", **identifiers)
        return int(rows)

    def _referable(self, entity: str) -> str:
        """The relation that references to an entity may look into."""
        return f"{'referable' if entity in self._referables else 'state'}_{entity}"

    def _known(self, file: File, parent: str, *, standing: bool = False) -> str:
        """The relation in which a reference of ``file`` to ``parent`` is looked for.

        ``standing``: without rows that may only be referred to: they are held, or gone by a restore.
        """
        if file.office and parent == "schools":
            return "standing_known_schools" if standing else "known_schools"
        return f"state_{parent}" if standing else self._referable(parent)


def _listed_codes(found: Sequence[tuple[Any, ...]]) -> str:
    shown = ", ".join(f'"{code}" ({count:,})' for code, count, _ in found)
    more = found[0][2] - len(found)
    return shown + (f" and {more} more" if more else "")


def _has_status(file: File) -> bool:
    """The district's map may leave records of it out."""
    return any(c.name == "status" for c in file.columns)


def _scope(file: File) -> str:
    """The relation of tonight's schools, as far as ``file`` may have records of them."""
    if file.domain is Domain.ATTENDANCE:
        return "prev_attendance"
    return "scope_with_office" if file.office else "scope_schools"

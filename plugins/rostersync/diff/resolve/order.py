"""The order of a resolve: file by file, parents before children, each file's entities after its records."""

from __future__ import annotations

from collections.abc import Iterable

from rostersync.diff.inputs import FileInput
from rostersync.diff.resolve.carry import accept_and_carry
from rostersync.diff.resolve.codes import note_unheard, note_unlisted
from rostersync.diff.resolve.members import find_lost, view_people
from rostersync.diff.resolve.records import (
    count_conflicts,
    exclude,
    find_damaged_ids,
    keep_out,
    keep_out_damaged_ids,
)
from rostersync.diff.resolve.references import (
    are_all_orphans,
    count_orphans,
    find_left_out,
    note_none_loaded,
    note_not_looked_up,
    reject,
)
from rostersync.diff.resolve.resolution import MEMBERS, Resolution, has_status
from rostersync.diff.resolve.unread import find_unidentified
from rostersync.engine.sql import quote
from rostersync.spec import ENTITIES, FILES, Entity, File
from rostersync.spec.rules import CUT

FAR_DAYS = 400
"""An event is of no day farther from the slot's."""


class Resolver(Resolution):
    """Resolves one landing against the state before it: see :class:`Resolution`."""

    def run(self, entities: Iterable[Entity], findings: str) -> None:
        """Resolve all entities in order. ``findings``: archive name of validation's findings."""
        entities = tuple(entities)
        self._read_findings(findings)
        clean = [f.clean for f in self.files.values() if f.clean is not None]
        self.session.read_schemas([*clean, *(n for names in self.prev.values() for n in names)])
        self.sql("excluded_table")
        self.sql("notes_table")
        self.sql("left_out_table")
        self._hold_slices()
        if self.new_ids:
            self.session.keep_parquet("new_ids", *self.new_ids)
        self._look_around(entities)
        for entity in entities:
            self._view_previous(entity)
        done: set[str] = set()
        for entity in entities:
            file = FILES[entity.file]
            if file.name not in done:
                done.add(file.name)
                self._file(file, ENTITIES[file.name])
            accept_and_carry(self, file, entity)
            if entity.name == file.name and self.files[file.name].brings_rows:
                find_left_out(self, file, entity)
            if entity.name == "schools":
                self.with_office("known_schools", self.referable("schools"))
                self.with_office("standing_known_schools", "state_schools")
            if entity.name == MEMBERS:
                find_lost(self)
        if self.only_what_came:
            note_not_looked_up(self, entities)
        self.has_findings = bool(self.found) or self.out.total() > 0 or self.notes > 0

    def records(self, main: Entity, findings: str) -> None:
        """Only read an entity's file: ``rows_<file>``, and ``damaged_<entity>`` unless of events."""
        file = FILES[main.file]
        given = self.files[file.name]
        if given.clean is None:
            raise ValueError(f"{file.name} has no records to read")
        self._read_findings(findings)
        self._view_previous(main)
        self.sql("left_out_table")
        self._view_rows(file, main, given)
        if not main.day:
            self.sql("gone", file=file, entity=main)
            find_damaged_ids(self, file, main)

    def _read_findings(self, findings: str) -> None:
        """What validation found, but for records that are not believed, whatever is in them."""
        cut = [f"{f.name} {f.cut}" for f in self.files.values() if f.cut is not None]
        self.session.keep_parquet("findings_sent" if cut else "findings", findings)
        if cut:
            self.sql("cut/findings", cut=cut, kind=self.session.kept_as)
        self._judge_dates()
        self.found = dict(self.session.run("duckdb/resolve/findings_by_file.sql"))
        if any(self.found.values()):
            self.sql("errors")

    def _judge_dates(self) -> None:
        """Dates are judged by the slot's day, which no validation knows; a check has none."""
        for entity in (e for e in ENTITIES.values() if e.day and e.file in self.files):
            given = self.files[entity.file]
            if given.clean is None or self.codes.day is None:
                continue
            file = FILES[entity.file]
            self.session.view_parquet(f"sent_{file.name}", given.clean)
            values = {"rule": f"{entity.name}.{entity.day}.far", "days": FAR_DAYS}
            self.session.run(
                "duckdb/resolve/far_dates.sql",
                {"day": self.codes.day},
                file=file,
                entity=entity,
                **values,
            )
            con = self.session.con
            con.execute(f"drop {self.session.kept_as} findings")
            con.execute("alter table findings_and_far rename to findings")

    def _view_previous(self, entity: Entity) -> None:
        view = f"prev_{entity.name}"
        stored = self.prev.get(entity.name)
        if not stored:
            self.sql("no_rows", entity=entity, view=f"empty_{entity.name}")
            self.session.con.execute(
                f"create view {quote(view)} as select * exclude (_line) from {quote('empty_' + entity.name)}"
            )
        elif self.session.view_state(view, entity, *stored):
            self.outgrown.add(entity.name)

    def _view_rows(self, file: File, main: Entity, given: FileInput) -> None:
        records, rejects = (
            ("whole", "unreadable") if given.cut is not None else ("clean", "rejects")
        )
        self._view_records(file, f"{records}_{file.name}", str(given.clean))
        if given.rejects is not None:
            self.session.view_parquet(f"{rejects}_{file.name}", given.rejects)
        if given.cut is not None:
            self.sql("cut/records", file=file, line=given.cut)
            self.sql(
                "cut/rejects",
                file=file,
                line=given.cut,
                rule=CUT,
                has_unread=given.rejects is not None,
            )
        if file.wide:
            self.sql("rows_events", file=file, has_errors=bool(self.found.get(file.name)))
            return
        self.sql(
            "rows",
            file=file,
            key=main.key,
            has_contact_key="contact_key" in main.key,
            made=main.made,
            has_status=has_status(file),
            left_out_with=self.left_out_with(file),
            left_out_by_contact=self.left_out_by_contact(file),
            has_errors=bool(self.found.get(file.name)),
        )
        if self.leaves_out(file) and self.found.get(file.name):
            self.sql("left_out", file=file)

    def _view_records(self, file: File, view: str, clean: str) -> None:
        """The file's records; what they were staged without, because it came later, is blank."""
        names = [c.name for c in file.columns]
        names += ["attributes"] if file.attributes else []
        names += [file.wide.column] if file.wide else []
        columns = [("_line", "bigint"), *((name, "varchar") for name in names)]
        self.session.view_columns(view, columns, clean)

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

    def _look_around(self, entities: tuple[Entity, ...]) -> None:
        """Which entities references can look into: the landing's own, and states of other domains."""
        for name, state in self.foreign.items():
            if state is None:
                self.sql("no_rows", entity=ENTITIES[name], view=f"state_{name}")
            else:
                self.session.view_state(f"state_{name}", ENTITIES[name], state)
        own = {
            e.name for e in entities if not self.only_what_came or self.files[e.file].brings_rows
        }
        self.available = own | set(self.foreign)
        if not any(e.name == "schools" for e in entities):
            self._foreign_schools()

    def _foreign_schools(self) -> None:
        """A domain without schools.csv: the schools that are known are those that files speak of."""
        if "schools" not in self.foreign:
            self.sql("no_rows", entity=ENTITIES["schools"], view="state_schools")
        con = self.session.con
        con.execute("create view prev_schools as from state_schools")
        con.execute("create table scope_schools as select school_id from state_schools")
        self.with_office("known_schools", "state_schools")
        self.with_office("standing_known_schools", "state_schools")

    def _file(self, file: File, main: Entity) -> None:
        given = self.files[file.name]
        if file.name == MEMBERS:
            view_people(self)
        if given.clean is not None:
            self._view_rows(file, main, given)
        if main.name == "schools":
            self._scope(given)
        if not given.brings_rows:
            return
        exclude(self, file, main, has_rejects=given.has_rejects)
        self.sql("lines", file=file, kept_out=self.out[file.name] > 0)
        has_damaged = keep_out_damaged_ids(self, file, main)
        orphans = count_orphans(self, file, main)
        if orphans and are_all_orphans(self, file, main):
            reject(self, file)
            return
        keep_out(self, file, orphans)
        keep_out(self, file, count_conflicts(self, file, main))
        for reference in self.references(main, advisory=True):
            if self.foreign.get(reference.entity, "") is None:
                note_none_loaded(self, file, reference)
                continue
            known = self.known(file, reference.entity)
            self.note(file, reference.rule, "missing_advised", reference=reference, known=known)
        if file.wide:
            note_unlisted(self, file)
            note_unheard(self, file)
        if self.out[file.name] or has_damaged:
            rows = self.count("held_back", file=file, entity=main, has_damaged=has_damaged)
            self.held_back |= {main.name} if rows else set()
        find_unidentified(self, file, main, has_rejects=given.has_rejects, has_damaged=has_damaged)

    def _scope(self, given: FileInput) -> None:
        """The schools in tonight's schools.csv: nothing of any other school is removed."""
        self.session.run(
            "duckdb/resolve/scope.sql", {"gone": self.gone}, has_records=given.clean is not None
        )
        self.with_office("scope_with_office", "scope_schools")
        if self.prev.get("schools") or self.prev.get("student_schools"):
            [(self.is_out_of_scope,)] = self.session.run("duckdb/resolve/out_of_scope.sql")

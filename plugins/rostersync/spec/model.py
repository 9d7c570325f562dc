"""The types the contract is written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rostersync.spec.places import PLACES


class Domain(StrEnum):
    """What syncs together."""

    CORE = "core"
    TERMS = "terms"
    ATTENDANCE = "attendance"
    ALL = "all"
    """Every file of a folder at once, as a check reads it. Nothing is ever synced so."""


class Kind(StrEnum):
    """What a column holds; decides how staging normalises it and its warehouse type."""

    ID = "id"
    NAME = "name"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    GRADE = "grade"
    STATUS = "status"
    FLAG = "flag"
    LANGUAGE = "language"
    DATE = "date"
    YEAR = "year"
    CODE = "code"
    ROLE = "role"
    JSON = "json"


_WAREHOUSE_TYPES = {
    Kind.GRADE: "smallint",
    Kind.STATUS: "smallint",
    Kind.FLAG: "boolean",
    Kind.DATE: "date",
    Kind.YEAR: "smallint",
    Kind.JSON: "json",
}
_DUCKDB_TYPES = {
    Kind.GRADE: "SMALLINT",
    Kind.STATUS: "SMALLINT",
    Kind.FLAG: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.YEAR: "SMALLINT",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file or entity.

    ``required``: the header must have it and a record must have a value (what happens when it
    has none is the suite's business). ``personal`` values are never quoted in hints, logs or alerts.
    ``note``: what it is for, where its name and kind do not say it; no part of what the column is.
    ``may_be_blank``: the header must have it, and a blank cell says something.
    """

    name: str
    kind: Kind
    required: bool = False
    personal: bool = True
    note: str = field(default="", compare=False)
    may_be_blank: bool = False

    @property
    def needs_value(self) -> bool:
        """A record must have a value: words that stand for a blank are none."""
        return self.required and not self.may_be_blank

    @property
    def warehouse_type(self) -> str:
        """Postgres type of the column in ``roster.*``."""
        return _WAREHOUSE_TYPES.get(self.kind, "text")

    @property
    def duckdb_type(self) -> str:
        """DuckDB type of the column in state and change files."""
        return _DUCKDB_TYPES.get(self.kind, "VARCHAR")


@dataclass(frozen=True, slots=True)
class Reference:
    """``columns`` of an entity must be found as ``to`` in ``entity``; ``rule`` names the suite's rule.

    What a missing one does (quarantine, or only a warning) is the severity of that rule in the suite.
    ``optional``: a row in which they are blank refers to nothing. ``advisory``: a missing one is reported,
    and the row stays as it is.
    """

    columns: tuple[str, ...]
    entity: str
    to: tuple[str, ...]
    rule: str
    optional: bool = False
    advisory: bool = False


@dataclass(frozen=True, slots=True)
class Wide:
    """A second layout of a file: one column for each value of ``replaces[0]``, holding ``replaces[1]``.

    ``header``: regular expression of such a column's name, the value in group 1. ``column``: the staged
    column that holds a record's values as JSON, NULL in the other layout. ``note``: as a column's.
    """

    header: str
    replaces: tuple[str, str]
    column: str
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class File:
    """One CSV file of an upload.

    ``required``: must be in every core upload. ``attributes``: unknown columns are kept as JSON.
    ``aliases``: header names that mean a column (both present rejects the file).
    ``one_of``: groups of columns of which the header must have at least one.
    ``office``: a district office (a school_id that is in the YAML, not in schools.csv) may have records too.
    ``former``: columns that have left the contract; rules of before may speak of them.
    ``wide``: the file's second layout, recognised by its header.
    ``may_be_missing``: required, but its rows are carried when it is missing or has none (summer).
    ``first_wins``: columns whose repetition is no conflict: the first record stays. ``may_differ``: columns
    in which records of one key may differ, since a person may be at several schools. ``note``: as a column's.
    """

    name: str
    domain: Domain
    columns: tuple[Column, ...]
    required: bool = False
    attributes: bool = False
    aliases: dict[str, str] = field(default_factory=dict)
    one_of: tuple[tuple[str, ...], ...] = ()
    office: bool = False
    former: tuple[Column, ...] = ()
    wide: Wide | None = None
    may_be_missing: bool = False
    first_wins: tuple[str, ...] = ()
    may_differ: tuple[str, ...] = ()
    note: str = field(default="", compare=False)

    @property
    def csv(self) -> str:
        """The name districts upload it under."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """The column called ``name``, also one that has left. Raises KeyError."""
        for column in (*self.columns, *self.former):
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key column that no file has: the first of other columns of the row that has a value names the row.

    ``recipe``: how. 1: the value alone. 2: the value after the kind of identity it is (``staff 4001``), so
    that two kinds with one value are two rows. Rows that were stored by an earlier recipe get the key of the
    present one wherever they are read; no two recipes make the same key.
    """

    column: str
    of: tuple[Column, ...]
    recipe: int

    @property
    def kinds(self) -> tuple[tuple[Column, str], ...]:
        """Each column with the kind of identity that it is."""
        return tuple((c, c.name.removesuffix("_id")) for c in self.of)


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of row, fed by one file.

    ``key``: primary key within a district; ``made``: how a column of it is made. ``columns``: all contract
    columns, key included, in table order. ``former``: columns that have left the contract: nothing reads or
    writes them any more, but older states have them, and the change log and its history still show them.
    ``scope``: the column that says which school a row belongs to (removal scope).
    ``person``: rows are people; ``contact``: columns of which one must be a usable way to reach them.
    ``day``: rows are events of this date; the state is kept day by day, and a day that a file does not speak
    of is left alone. ``tables``: current table, change log and history view in the warehouse, where they are
    not those of ``roster``.
    """

    name: str
    file: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    made: MadeKey | None = None
    former: tuple[Column, ...] = ()
    scope: str = "school_id"
    person: bool = False
    contact: tuple[str, ...] = ()
    day: str | None = None
    tables: tuple[str, str, str] | None = None

    @property
    def table(self) -> str:
        """The warehouse's table of the newest state."""
        return self.tables[0] if self.tables else f"roster.{self.name}"

    @property
    def log_table(self) -> str:
        """The warehouse's change log."""
        return self.tables[1] if self.tables else f"roster_log.{self.name}"

    @property
    def log_view(self) -> str:
        """The change log in today's keys: the log itself, or a view of it where keys were made otherwise."""
        is_rekeyed = self.made is not None and self.made.recipe > 1
        return f"{self.log_table}_today" if is_rekeyed else self.log_table

    @property
    def logged(self) -> tuple[Column, ...]:
        """The columns of the change log, and of the history."""
        return (*self.columns, *self.former)

    @property
    def history_view(self) -> str:
        """The warehouse's view of every version."""
        return self.tables[2] if self.tables else f"roster_history.{self.name}"

    @property
    def slot_type(self) -> str:
        """Postgres type of a slot of the entity's domain: a local date, or a local date and time."""
        return "timestamp" if self.day else "date"

    @property
    def values(self) -> tuple[Column, ...]:
        """The columns that are not part of the key."""
        return tuple(c for c in self.columns if c.name not in self.key)

    @property
    def places(self) -> tuple[tuple[str, Column | None], ...]:
        """What of a row is hashed at a place of its own: name, and None where it is no column any more."""
        by_name = {c.name: c for c in self.columns}
        return tuple((name, by_name.get(name)) for name in PLACES.get(self.name, ()))

    @property
    def later(self) -> tuple[Column, ...]:
        """The columns that are hashed by their names, whatever their order in the contract.

        A key that is made of others says nothing that they do not.
        """
        placed = {name for name, _ in self.places} | {self.made.column if self.made else ""}
        return tuple(
            sorted((c for c in self.columns if c.name not in placed), key=lambda c: c.name)
        )

    @property
    def core(self) -> tuple[Column, ...]:
        """Names and ways to reach someone: what the limits on changes count."""
        return tuple(c for c in self.values if c.kind in (Kind.NAME, Kind.EMAIL, Kind.PHONE))

    @property
    def key_columns(self) -> tuple[Column, ...]:
        """The key's columns, in key order."""
        by_name = {c.name: c for c in self.columns}
        return tuple(by_name[k] for k in self.key)

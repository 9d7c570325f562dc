"""One row's life for a person at a terminal: its versions, then what keeps it as it is."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from rostersync.ledger.explain import Decided, Explanation, Trace, Version
from rostersync.reporting.words import counted, printable
from rostersync.spec.reasons import Carried

CARRIED: dict[str, str] = {
    Carried.FROZEN: "its record is in quarantine, or one whose damaged id may mean it",
    Carried.FROZEN_UNIDENTIFIED: "a record whose key cannot be read may be its own: nothing near it is"
    " removed",
    Carried.HELD: "its change or removal is held",
    Carried.OUT_OF_SCOPE: "nothing was said of its school",
    Carried.FILE_MISSING: "its file was missing or had no records",
    Carried.FILE_STALE: "its file was the one of the night before",
    Carried.FILE_REJECTED: "its file could not be used",
}
"""Reasons of carried rows in words."""

_ACTIONS = {"remove_slot": "taken out", "restore_slot": "put back"}
_STYLES = {"added": "green", "changed": "yellow", "removed": "red"}


def explain_view(found: Explanation) -> Group:
    """Every version, oldest first; quarantine and carried of the newest slots; what people decided."""
    parts: list[RenderableType] = [Text(f"{_standing(found)}.", "bold")]
    for version in found.versions:
        parts += _version(version)
    for trace in found.traces:
        parts += _trace(trace)
    for decided in found.decisions:
        parts += _decided(decided)
    if found.looked_at and not found.traces:
        parts.append(
            Text(
                f"\nNeither in quarantine nor carried in the newest"
                f" {counted(len(found.looked_at), 'slot')}."
            )
        )
    if found.unread:
        parts.append(
            Text(
                f"\nNot looked into, the archive has not all of them: {', '.join(found.unread)}",
                "yellow",
            )
        )
    return Group(*parts)


def _standing(found: Explanation) -> str:
    where = f"{found.district} {found.entity}"
    if found.newest is None:
        return f"{where}: never seen, nothing of this district was loaded yet"
    if not found.is_seen:
        return f"{where}: never seen up to {found.newest}"
    if not found.versions:
        return f"{where}: never loaded, its records are in quarantine"
    times = counted(len(found.versions), "version")
    last = found.versions[-1]
    now = f"in the warehouse as of {last.slot}" if found.is_present else f"removed in {last.slot}"
    if last.is_former:
        now = "none since the student's id changed"
    return f"{where}: {times}, {now}"


def _version(version: Version) -> Iterator[RenderableType]:
    line = Text(f"\n{version.slot}  ")
    line.append(version.op, _STYLES[version.op])
    if version.columns:
        line.append(f"  {', '.join(version.columns)}")
    if version.is_former:
        which = "an id the student had before"
        former = f'"{printable(version.former_id)}", {which}' if version.former_id else which
        line.append(f"  under {former}", "dim")
    yield line
    if version.line is not None:
        yield _indented(f"{_file(version)}, line {version.line:,}, sha256 {version.sha256}")
    elif version.op != "removed":
        yield _indented("of no file: it is as it was, by a restore")
    landing = "no slot of the ledger" if version.landing is None else f"landing {version.landing}"
    when = f", applied {version.applied_at:%Y-%m-%d %H:%M:%S %Z}" if version.applied_at else ""
    yield _indented(f"{landing}, run {version.run_id}{when}")
    for column, (was, now) in (version.values or {}).items():
        before = "" if version.op == "added" else f"{_value(was)} -> "
        yield _indented(f"{column}: {before}{_value(now)}")


def _decided(decided: Decided) -> Iterator[RenderableType]:
    line = Text(f"\n{decided.slot}  ")
    line.append(_ACTIONS.get(decided.action, decided.action), "bold")
    line.append(f"  {printable(', '.join(decided.of)) or 'the whole upload'}")
    if decided.target:
        line.append(f", to the state after {decided.target}")
    yield line
    yield _indented(
        f"{decided.at:%Y-%m-%d %H:%M:%S %Z} by {printable(decided.who)}: {printable(decided.why)}"
    )


def _trace(trace: Trace) -> Iterator[RenderableType]:
    line = Text(f"\n{trace.slot}  ")
    if trace.carried:
        line.append("carried", "yellow")
        why = CARRIED.get(trace.carried, trace.carried)
        line.append(f"  as it was ({trace.carried}): {why}")
    else:
        line.append("in quarantine", "red")
    yield line
    for record in trace.records:
        name = f"{printable(trace.file)} of landing {trace.landing}"
        yield _indented(f"{name}, line {record.line:,}: {record.rule} ({record.reason})")
        if record.hint:
            yield Padding(Text(printable(record.hint)), (0, 0, 0, 6), expand=False)


def _file(version: Version) -> str:
    return printable(version.file) if version.file else "a file the archive has no longer"


def _value(value: str | None) -> str:
    return "(blank)" if value is None else f'"{printable(value)}"'


def _indented(text: str) -> Padding:
    return Padding(Text(text), (0, 0, 0, 4), expand=False)

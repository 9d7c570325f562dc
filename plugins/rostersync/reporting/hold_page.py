"""Holds for a person: at a terminal, and among Airflow's required actions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.fold import is_only_tied, slice_name
from rostersync.ledger.holds import OpenedHold, ShownHold
from rostersync.reporting.words import counted, names_in_load_order, printable
from rostersync.spec.reasons import Waits

_KINDS = {
    "first_load": "first upload",
    "set": "whole upload",
    "slices": "slices",
}

_MEANS = {
    "slices": "The rest of the upload is loaded. **Approve** applies the bundles that are chosen below; what"
    " is not chosen keeps its old rows. **Discard** keeps all old rows. Slices of one bundle are tied: half"
    " of them would take rows without what comes in their place, so they are decided as one.",
    "set": "Nothing of this upload is loaded. **Approve** only when it is this district's, complete and of"
    " this school year: then it is loaded, and slices over a limit wait again. **Discard** keeps the old"
    " rows.",
    "first_load": "This district has no rows yet. **Approve** makes this upload its first night; from the"
    " next night on the limits protect it. **Discard** leaves it empty.",
}

_LINES = 60
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What makes text more than text in Markdown, tables and bare links included."""

_WHY: dict[str, str] = {
    Waits.OVER_LIMIT: "more than the limit in one night",
    Waits.OVER_WEEK: "more than the limit since seven slots ago",
    Waits.WAITS_WITH: "waits only because it is tied: added and removed go together",
    Waits.TIED: "waits only because it is tied: to rows of the bundle that it refers to, or that refer to it",
    Waits.ADDS_ONLY: "the calendar allows additions only",
    Waits.BLANK_COLUMN: "columns that were filled came blank",
    Waits.SCHOOL_GONE: "schools.csv no longer has the school: everything of it would be removed",
    Waits.NO_STUDENTS: "students.csv has nobody of this school",
    Waits.POSSIBLE_REUSE: "another child seems to be sent under a known student_id",
    Waits.DAMAGED_IDS: "ids that equal missing ones but for zeros, case or .0: approved, they are meant so"
    " for good; else they are damage",
}


def holds_view(holds: Sequence[OpenedHold]) -> Group:
    """One line a hold."""
    table = _table("hold", "district", "domain", "slot", "what", "status", "since")
    for hold in holds:
        what = _KINDS[hold.kind]
        if hold.slices:
            first = sorted(hold.slices, key=is_only_tied)[:3]
            what = ", ".join(f"{s['entity']} {s['kind']} {s['count']:,}" for s in first) + (
                " ..." if len(hold.slices) > 3 else ""
            )
        table.add_row(
            hold.hold_id[:8],
            hold.district,
            hold.domain,
            hold.slot,
            printable(what),
            hold.status,
            f"{hold.opened_at:%Y-%m-%d %H:%M}",
        )
    return Group(table)


def hold_view(hold: OpenedHold, decisions: Sequence[Mapping[str, Any]]) -> Group:
    """One hold: what waits and why, and who decided what."""
    head = Text(f"Hold {hold.hold_id[:8]}: {hold.district} {hold.domain} {hold.slot}", "bold")
    head.append(f", {hold.status}", "")
    parts: list[RenderableType] = [head]
    if hold.label:
        parts.append(Text(f"It looks like a {hold.label}."))
    if hold.rekeyed:
        schools = ", ".join(f"{printable(s)} {n:,}" for s, n in hold.rekeyed.items())
        parts.append(Text(f"  Known students who seem to have a new id, by school: {schools}"))
    parts += [Text(f"  {printable(reason)}") for reason in hold.reasons]
    if hold.counts:
        total = ", ".join(f"{n} {c:,}" for n, c in hold.counts.items() if c)
        parts.append(Text(f"  What would exist: {total}"))
    if hold.slices:
        table = _table("bundle", "slice", "why", rows=True)
        for number, bundle in hold.bundles.items():
            for s in bundle:
                table.add_row(
                    str(number),
                    printable(slice_name(s)),
                    printable(str(s["reason"])),
                    f"{s['count']:,}",
                    f"{s['limit']:,}",
                )
        parts += [Text(), table]
    for d in decisions:
        until = f" until {d['until']}" if d["until"] else ""
        parts.append(
            Text(
                f"{d['decided_at']:%Y-%m-%d %H:%M}  {d['action']}{until}"
                f" ({counted(len(d['slices']), 'slice')}) by {printable(d['decided_by'])}:"
                f" {printable(d['reason'])}"
            )
        )
    return Group(*parts)


def hold_subject(hold: ShownHold, name: str) -> str:
    """One line: whose, of when, how much. ``name``: the district's."""
    if hold.kind == "slices":
        rows = sum(s["count"] for s in hold.slices)
        bundles = len(hold.bundles)
        what = f"{counted(bundles, 'bundle')} with {counted(rows, 'row')} wait"
        what += "s" if bundles == 1 else ""
        what += f" (looks like a {hold.label})" if hold.label else ""
    else:
        what = "the first upload waits" if hold.kind == "first_load" else "the whole upload waits"
    return f"{name}, {hold.slot}: {what}"


def hold_markdown(
    hold: ShownHold,
    *,
    schools: Mapping[str, str],
    changes: Mapping[tuple[str, str, str], int],
    changes_url: str | None,
    until: datetime,
) -> str:
    """What a person needs to decide, as Markdown: counts only, no value of a row.

    ``schools``: id -> name. ``changes``: (school, entity, what would happen) -> rows.
    ``changes_url``: where the list of changes is. ``until``: when the hold expires.
    """
    parts = [_MEANS[hold.kind]]
    parts += [f"- {_text(reason)}" for reason in hold.reasons]
    if hold.label:
        parts.append(f"The upload looks like a **{hold.label}**.")
    if hold.rekeyed:
        of = ", ".join(f"{_school(s, schools)}: {n:,}" for s, n in _largest(hold.rekeyed))
        parts.append(f"Known students who seem to have a new id, by school: {of}")
    if hold.slices:
        parts.append(_by_slice(hold.bundles, schools))
    if hold.counts:
        head = "| would exist | rows |\n| :-- | --: |"
        parts.append(
            "\n".join((head, *(f"| {_text(n)} | {c:,} |" for n, c in hold.counts.items() if c)))
        )
    if changes:
        parts.append(_by_school(changes, schools))
    if changes_url:
        parts.append(
            f"[Every row that waits (CSV)]({changes_url}): people's data, for those who may answer here."
        )
    age = "" if hold.first_slot == hold.slot else f" It has waited since {hold.first_slot}."
    parts.append(
        f"The next upload takes this one's place. Unanswered until {until:%Y-%m-%d %H:%M} UTC it is"
        f" discarded.{age} Hold `{hold.hold_id[:8]}`, landing {hold.landing}."
    )
    return "\n\n".join(parts)


def why(reason: str) -> str:
    """A slice's reasons in words; docs/holds.md has the rules."""
    said = []
    for one in reason.split("; "):
        name, _, columns = one.partition(":")
        said.append(_WHY.get(name, name) + (f": {columns}" if columns else ""))
    return "; ".join(said)


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """As many as a person reads."""
    return sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:_LINES]


def bundle_name(number: int, bundle: Sequence[Mapping[str, Any]]) -> str:
    """What a person chooses: the number, the slice most over its limit, and how many are tied to it."""
    first = max(bundle, key=lambda s: (not is_only_tied(s), s["count"] - s["limit"]))
    tied = f", with {counted(len(bundle) - 1, 'slice')} tied to it" if len(bundle) > 1 else ""
    return f"{number}: {slice_name(first)}{tied}"


def _by_slice(
    bundles: Mapping[int, Sequence[Mapping[str, Any]]],
    schools: Mapping[str, str],
    most: int = _LINES,
) -> str:
    """A line per slice, bundle by bundle; the largest first where there are too many to read."""
    head = "| bundle | slice | school | rows | limit | why |\n| --: | :-- | :-- | --: | --: | :-- |"
    shown = slices = [s for bundle in bundles.values() for s in bundle]
    if len(slices) > most:
        shown = sorted(slices, key=lambda s: -s["count"])[:most]
    rows = (
        f"| {s['bundle']} | {_text(slice_name(s))} | {_school(s['scope'], schools)}"
        f" | {s['count']:,} | {s['limit']:,} | {_text(why(str(s['reason'])))} |"
        for s in shown
    )
    left = len(slices) - len(shown)
    more = [f"\n\n... and {left:,} smaller slices."] if left else []
    return "\n".join((head, *rows)) + "".join(more)


def _by_school(
    changes: Mapping[tuple[str, str, str], int], schools: Mapping[str, str], most: int = _LINES
) -> str:
    """A line per school and entity: what would be added, changed and removed, and whose id is reused."""
    kinds = ["added", "changed", "removed"]
    if any(kind == "reused" for _, _, kind in changes):
        kinds.append("reused")
    head = f"| school | entity | {' | '.join(kinds)} |\n| :-- | :-- |{' --: |' * len(kinds)}"
    ids = sorted({school for school, _, _ in changes})
    entities = names_in_load_order({entity for _, entity, _ in changes})
    lines = [
        f"| {_school(school, schools)} | {entity} | {' | '.join(f'{n:,}' if n else '' for n in row)} |"
        for school in ids
        for entity in entities
        if any(row := [changes.get((school, entity, kind), 0) for kind in kinds])
    ]
    more = [f"\n\n... and {len(lines) - most:,} lines more."] if len(lines) > most else []
    return "\n".join((head, *lines[:most])) + "".join(more)


def _school(scope: str, schools: Mapping[str, str]) -> str:
    return _text(f"{scope} {schools.get(scope, '')}".strip()) if scope else "whole district"


def _text(text: str) -> str:
    """As text: a school's name comes from the district and must not become a link, an image or a line."""
    return _MARKUP.sub(r"\\\g<0>", printable(text).replace("\n", " "))


def _table(*columns: str, rows: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=not rows)
    if rows:
        table.add_column("rows", justify="right")
        table.add_column("limit", justify="right")
    return table

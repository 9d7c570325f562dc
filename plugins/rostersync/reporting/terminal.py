"""A run for a person at a terminal: tables of counts, then the findings in the order to fix them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rostersync.archive import FileState
from rostersync.fold import NOTHING
from rostersync.ledger.results import Outcome, RunResult
from rostersync.ledger.waivers import Waiver
from rostersync.reporting.notices_table import notices_view
from rostersync.reporting.words import (
    ending,
    findings_of,
    in_fix_order,
    in_load_order,
    left_out,
    lines_of,
    printable,
)

_STATE_STYLES = {
    FileState.ACCEPTED: "green",
    FileState.IDENTICAL: "green",
    FileState.REJECTED: "red",
}
_SEVERITY_STYLES = {"critical": "bold red", "error": "red", "warning": "yellow"}


def run_view(
    result: RunResult,
    district: str,
    slot: str,
    *,
    dry: bool = False,
    waived: Mapping[str, Waiver] = NOTHING,
) -> Group:
    """A sync's result: files, changes, findings, and how it ended, or (``dry``) would have.

    ``waived``: rules that are accepted for the district.
    """
    parts: list[RenderableType] = [_files(result)]
    if result.changes:
        parts += [Text(), _changes(result)]
    if result.notices:
        parts += [Text(), notices_view(result.notices)]
    parts += _findings(result, waived)
    text = f"{district} {slot}: {ending(result)}"
    if dry:
        text = f"Dry run: nothing was written. A sync would end so: {text}"
        if result.recomputed:
            text += f" ({', '.join(result.recomputed)})"
    parts.append(_ending(result, text))
    return Group(*parts)


def check_view(result: RunResult) -> Group:
    """A check's result: files, findings, and whether the upload would load."""
    text = "This upload would be rejected: nothing would be loaded"
    if result.outcome is Outcome.MISSING:
        text = "This upload is not complete: nothing would be loaded"
    elif result.outcome is Outcome.CHECKED:
        text = "This upload can be loaded"
        if without := left_out(result):
            text += f", without {' and '.join(without)}"
        if result.quarantined:
            text += " that would be quarantined"
    return Group(_files(result), *_findings(result), _ending(result, text))


def _files(result: RunResult) -> Table:
    table = _table("file", "state", words=2)
    for column in ("records", "accepted", "quarantined", "duplicates"):
        table.add_column(column, justify="right")
    for name, file in in_fix_order(result):
        counts = (file.records, file.accepted, file.quarantined, file.duplicates)
        is_counted = file.state in (FileState.ACCEPTED, FileState.IDENTICAL)
        table.add_row(
            f"{name}.csv",
            Text(str(file.state).replace("_", " "), _STATE_STYLES.get(file.state, "yellow")),
            *(_number(n, show=bool(is_counted) or place == 0) for place, n in enumerate(counts)),
        )
    return table


def _changes(result: RunResult) -> Table:
    kinds = ["added", "changed", "removed", "unchanged", "carried"]
    if any(e.held for e in result.changes.values()):
        kinds.append("held")
    table = _table("entity", words=1)
    for kind in kinds:
        table.add_column(kind, justify="right")
    for name, entity in in_load_order(result):
        table.add_row(name, *(_number(getattr(entity, kind)) for kind in kinds))
    return table


def _findings(
    result: RunResult, waived: Mapping[str, Waiver] = NOTHING
) -> Iterator[RenderableType]:
    last = None
    for name, finding in findings_of(result):
        if name != last:
            yield Text(f"\n{name}.csv", "bold")
            last = name
        line = Text("  ")
        line.append(finding.severity, _SEVERITY_STYLES[finding.severity])
        where = lines_of(finding)
        line.append(f"  {finding.rule}  {finding.count:,}x{'  ' + where if where else ''}")
        yield line
        if waiver := waived.get(finding.rule):
            yield Padding(Text(printable(waiver.words), "dim"), (0, 0, 0, 4), expand=False)
        if finding.text:
            yield Padding(Text(printable(finding.text)), (0, 0, 0, 4), expand=False)


def _ending(result: RunResult, text: str) -> Text:
    style = "green" if result.outcome.is_success and not result.quarantined else "yellow"
    ended = Text("\n")
    ended.append(text + ".", f"bold {style if result.outcome.is_success else 'red'}")
    if result.ignored:
        ended.append(f"\nNot read, by their names: {printable(', '.join(result.ignored))}")
    if result.message:
        ended.append(f"\n{printable(result.message)}")
    return ended


def _table(*columns: str, words: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns[:words]:
        table.add_column(column, no_wrap=True)
    return table


def _number(value: int | None, *, show: bool = True) -> Text:
    if value is None or not show:
        return Text("-", "dim")
    return Text(f"{value:,}", "" if value else "dim")

"""A run as Markdown, for logs and notifications: counts, rule ids and line numbers, no word of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rostersync.fold import NOTHING
from rostersync.ledger.results import RunResult
from rostersync.ledger.waivers import Waiver
from rostersync.reporting.words import ending, findings_of, in_fix_order, in_load_order, lines_of

_MOST_FINDINGS = 40


def markdown_report(
    result: RunResult,
    *,
    district: str,
    slot: str,
    landing: int | None = None,
    waived: Mapping[str, Waiver] = NOTHING,
) -> str:
    """The run's files, changes, holds and findings as Markdown tables.

    Findings beyond the first 40 are counted, not listed; their texts are left to the district's report.
    ``waived``: rules that are accepted for the district, named below the table.
    """
    where = f" (landing {landing})" if landing is not None else ""
    parts = [f"## {district} {slot}: {result.outcome}", f"{ending(result)}{where}.", _files(result)]
    if result.changes:
        parts.append(_changes(result))
    if result.holds:
        rows = [(h.kind, h.entity or "all", h.scope, h.count) for h in result.holds]
        parts.append(_table(("hold", "entity", "scope", "changes"), rows, text=3))
    parts += _findings(result)
    parts += _accepted(result, waived)
    return "\n\n".join(parts) + "\n"


def _files(result: RunResult) -> str:
    header = ("file", "state", "records", "accepted", "quarantined", "duplicates", "rejected")
    rows = [
        (
            f"{name}.csv",
            str(file.state),
            file.records,
            file.accepted,
            file.quarantined,
            file.duplicates,
            file.rejected,
        )
        for name, file in in_fix_order(result)
    ]
    return _table(header, rows, text=2)


def _changes(result: RunResult) -> str:
    header = ("entity", "added", "changed", "removed", "unchanged", "carried", "held")
    rows = [
        (name, e.added, e.changed, e.removed, e.unchanged, e.carried, e.held)
        for name, e in in_load_order(result)
    ]
    return _table(header, rows, text=1)


def _findings(result: RunResult) -> list[str]:
    found = [*result.names, *findings_of(result)]
    if not found:
        return []
    rows = [
        (f"{name}.csv" if name else "", f.severity, f"`{f.rule}`", lines_of(f), f.count)
        for name, f in found[:_MOST_FINDINGS]
    ]
    parts = [_table(("file", "severity", "rule", "first lines", "count"), rows, text=4)]
    if len(found) > _MOST_FINDINGS:
        parts.append(f"... and {len(found) - _MOST_FINDINGS} more rules broken.")
    return parts


def _accepted(result: RunResult, waived: Mapping[str, Waiver]) -> list[str]:
    found = dict.fromkeys(f.rule for _, f in findings_of(result) if f.rule in waived)
    lines = (f"- `{rule}`: {' '.join(waived[rule].words.split())}" for rule in found)
    return ["\n".join(lines)] if found else []


def _table(header: Sequence[str], rows: Iterable[Sequence[object]], *, text: int) -> str:
    """A table whose first ``text`` columns are words and the rest numbers, padded to be read as it stands."""
    lines = [list(header), *([_cell(c) for c in row] for row in rows)]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    marks = [f":{'-' * (w - 1)}" if n < text else f"{'-' * (w - 1)}:" for n, w in enumerate(widths)]
    forms = [f"{'<' if n < text else '>'}{w}" for n, w in enumerate(widths)]
    return "\n".join(
        f"| {' | '.join(map(format, line, forms))} |" for line in (lines[0], marks, *lines[1:])
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")

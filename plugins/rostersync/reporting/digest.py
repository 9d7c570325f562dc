"""The words of a night's digest: what needs a person, in order of weight, and the next step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rostersync.ledger.alerts import Alert, AlertKind
from rostersync.reporting.links import runbook
from rostersync.reporting.words import counted, printable

RUNBOOKS = {
    "bad_nights": "three-bad-nights",
    "error": "internal-error",
    "rejected": "rejected-upload",
    "missing": "missing-upload",
    "hold_first_load": "held-changes",
    "hold_set": "held-changes",
    "hold_slices": "held-changes",
    "unheard": "unheard-attendance",
    "file": "rejected-upload",
    "stale": "stale-files",
    "off": "files-not-read",
    "misnamed": "files-not-read",
    "unfinished": "files-not-read",
    "unknown": "files-not-read",
    "kept": "quarantine-moved",
    "ids": "held-changes",
    "quarantine": "quarantine-moved",
    "new_rule": "quarantine-moved",
    "moved": "quarantine-moved",
}
"""What an item is about -> its page in docs/runbooks; in order of weight."""
_NEXT = {
    "bad_nights": "call the district: its families are served from data that is days old",
    "error": "read the run's log; it is ours to mend, then clear the failed task",
    "rejected": "tell the district what to correct; a new upload before the wait's end loads by itself",
    "missing": "ask the district whether its export ran; an upload before the wait's end loads by itself",
    "hold_first_load": "look at the counts and approve the first load (Required Actions)",
    "hold_set": "ask the district whether the upload is its own and complete, then approve or discard",
    "hold_slices": "look at what waits and approve or discard (Required Actions); the rest is loaded",
    "unheard": "see its report; correct the notice's periods or attendance.p0 in its YAML, or ask it",
    "file": "ask the district; what it held before is kept until the file can be used",
    "stale": "ask the district whether its export still writes this file",
    "off": "set the domain up in the district's YAML, or ask the district to leave the file out",
    "misnamed": "tell the district the right name, or name theirs in its YAML",
    "unfinished": "ask the district to upload it again and to delete what was left lying",
    "unknown": "look at the names in the report: they may be the files that are missing",
    "kept": "ask the district to correct the records its report counts them beside; until then nobody goes",
    "ids": "ask the district: meant so, or damage? then approve or discard (Required Actions)",
    "quarantine": "see which rules moved; ask the district what changed in its export",
    "new_rule": "look at the lines; when it is known and accepted: rostersync waivers add",
    "moved": "look at the lines; ask the district what changed in its export",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs a person. ``key``: what is told once a slot. ``detail``: words of ours, no values.

    ``usual``: the median of the last seven slots. ``is_change``: reason enough for a digest; what is not is
    only told along with what is.
    """

    key: str
    about: str
    file: str = ""
    rule: str = ""
    count: int = 0
    usual: float | None = None
    lines: tuple[int, ...] = ()
    detail: str = ""
    is_change: bool = True

    @property
    def headline(self) -> str:
        """What happened, in a few words."""
        usually = f" (usually {self.usual:,.0f})" if self.usual is not None else ""
        records = counted(self.count, "record")
        return {
            "bad_nights": f"{self.count} bad nights in a row",
            "error": "stopped by an error of ours",
            "rejected": "rejected, nothing loaded",
            "missing": "no complete upload, nothing loaded",
            "hold_first_load": "first upload waits",
            "hold_set": "the whole upload waits",
            "hold_slices": "changes over a limit wait",
            "unheard": f"{self.rule}: {counted(self.count, 'file')} of attendance that no family hears of",
            "file": f"{self.file}.csv {self.detail}",
            "stale": f"{self.file}.csv is the same for {self.count} nights",
            "off": self.detail,
            "misnamed": f"{self.file}.csv under another name",
            "unfinished": f"{counted(self.count, 'unfinished upload')} left lying",
            "unknown": f"{counted(self.count, 'name')} of no file of the upload",
            "kept": f"{counted(self.count, 'row')} kept by records that cannot be read",
            "ids": f"{counted(self.count, 'damaged id')} wait for an answer",
            "quarantine": f"{self.file}.csv: {records} left out{usually}",
            "new_rule": f"{self.rule}: {records}, not seen before",
            "moved": f"{self.rule}: {records}{usually}",
        }[self.about]

    @property
    def more(self) -> str:
        """Which files, what waits, or the first lines."""
        if self.lines:
            return f"{self.file}.csv, lines {', '.join(f'{n:,}' for n in self.lines[:8])}"
        return "" if self.about in ("file", "off") else printable(self.detail)


def digest(
    district: str,
    name: str,
    domain: str,
    slot: str,
    outcome: str,
    items: Sequence[Item],
    *,
    run_url: str = "",
) -> Alert:
    """The alert of a slot.

    ``items``: at least one; what was reported before is not among them. ``run_url``: the run in Airflow.
    """
    ordered = sorted(items, key=lambda item: list(RUNBOOKS).index(item.about))
    what = "night" if domain == "core" else domain
    first = ordered[0].headline
    more = f" and {len(ordered) - 1} more" if len(ordered) > 1 else ""
    keys = tuple(sorted(item.key for item in ordered))
    mark = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:12]
    lead = f"{name}, {what} {slot}: {outcome}."
    last = f"All of it: rostersync status --district {district}, or the run's report in Airflow"
    return Alert(
        AlertKind.DIGEST,
        district,
        f"{domain} {slot} {mark}",
        f"{printable(name)}: {what} {slot}: {first}{more}",
        "\n\n".join([lead, *map(_text, ordered), f"{last}: {run_url}" if run_url else f"{last}."]),
        _html(lead, ordered, escape(last) + (f": {_link(run_url, 'open it')}" if run_url else ".")),
        keys,
    )


def _text(item: Item) -> str:
    lines = [f"* {item.headline}"]
    if item.more:
        lines.append(f"  {item.more}")
    page = runbook(RUNBOOKS[item.about])
    return "\n".join([*lines, f"  Next: {_NEXT[item.about]}", f"  Runbook: {page}"])


def _link(url: str, text: str = "") -> str:
    if not url.startswith(("https://", "http://")):
        return escape(url)
    return f'<a href="{escape(url)}">{escape(text or url)}</a>'


def _html(lead: str, items: Sequence[Item], last: str) -> str:
    """``last`` is HTML."""
    rows = "".join(
        '<tr><td style="padding:10px 14px;border-top:1px solid #dfe4ea">'
        f'<strong style="font-size:15px">{escape(item.headline)}</strong>'
        + (f'<br><span style="color:#5b6876">{escape(item.more)}</span>' if item.more else "")
        + f"<br>Next: {escape(_NEXT[item.about])}"
        '<br><span style="color:#5b6876;font-size:12px">Runbook: '
        f"{_link(runbook(RUNBOOKS[item.about]))}</span></td></tr>"
        for item in items
    )
    return (
        '<div style="font:14px/1.5 Helvetica,Arial,sans-serif;color:#1c2733;max-width:640px">'
        f'<p style="font-size:16px">{escape(lead)}</p>'
        '<table style="border-collapse:collapse;width:100%;border:1px solid #dfe4ea">'
        f'{rows}</table><p style="color:#5b6876">{last}</p></div>'
    )

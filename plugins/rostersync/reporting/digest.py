"""What a digest says: what needs a person, in order of weight, and the next step. Never a value of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from hashlib import sha256
from html import escape

from rostersync.ledger.alerts import Alert, AlertKind
from rostersync.reporting.words import counted, printable


class ItemKind(IntEnum):
    """What needs a person, the heaviest first."""

    ERROR = 1
    NIGHT = 2
    UPLOAD = 3
    SLICES = 4
    FILE = 5
    STALE = 6
    NEW_RULE = 7
    MOVED = 8


RUNBOOKS = {
    ItemKind.ERROR: "internal-error",
    ItemKind.NIGHT: "rejected-upload",
    ItemKind.UPLOAD: "held-changes",
    ItemKind.SLICES: "held-changes",
    ItemKind.FILE: "rejected-upload",
    ItemKind.STALE: "stale-files",
    ItemKind.NEW_RULE: "quarantine-moved",
    ItemKind.MOVED: "quarantine-moved",
}
_IF_NOBODY_ACTS = {
    ItemKind.ERROR: "Nothing was loaded, the last state stands.",
    ItemKind.NIGHT: "Nothing was loaded, the last state stands.",
    ItemKind.UPLOAD: "Nothing of the upload loads until somebody decides.",
    ItemKind.SLICES: "The rest is loaded; these changes lapse undecided.",
    ItemKind.FILE: "The rest is loaded; the file's last good version stands.",
    ItemKind.STALE: "The file's last good version stands and grows old.",
    ItemKind.NEW_RULE: "Records with an error stay out; those known before keep their last good version.",
    ItemKind.MOVED: "Records with an error stay out; those known before keep their last good version.",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs a person. ``key`` tells it apart; ``is_news``: False only accompanies others."""

    kind: ItemKind
    key: str
    words: str
    is_news: bool
    file: str = ""
    rule: str = ""
    count: int = 0
    usual: float = 0
    lines: tuple[int, ...] = ()
    nights: int = 1

    def told(self) -> Item:
        """The same when people know it."""
        return replace(self, is_news=False)

    @property
    def what(self) -> str:
        """One sentence."""
        row = f" ({self.nights} nights in a row)" if self.nights > 1 else ""
        if self.kind is ItemKind.ERROR:
            return f"The run ended with an error{row}: {self.words}"
        if self.kind is ItemKind.NIGHT:
            return f"The night failed{row}: {self.words}"
        if self.kind is ItemKind.UPLOAD:
            return f"The whole upload waits for a person: {self.words}"
        if self.kind is ItemKind.SLICES:
            return f"{counted(self.count, 'change')} over a limit wait for a person"
        if self.kind in (ItemKind.FILE, ItemKind.STALE):
            return f"{self.file}.csv: {self.words.replace('_', ' ')}{row}"
        where = f", lines {', '.join(map(str, self.lines[:8]))}" if self.lines else ""
        if not self.rule:
            return f"{self.file}.csv: {counted(self.count, 'record')} in quarantine, usually {self.usual:g}"
        usual = (
            "never in the last slots"
            if self.kind is ItemKind.NEW_RULE
            else f"usually {self.usual:g}"
        )
        hint = f". {self.words}" if self.words else ""
        return f"{self.rule}: {counted(self.count, 'record')}, {usual}{where}{hint}"


def digest_alert(
    district: str,
    name: str,
    domain: str,
    slot: str,
    outcome: str,
    items: Sequence[Item],
    *,
    failed: int = 0,
    link: str = "",
) -> Alert:
    """The digest of a slot. ``failed``: nights in a row that failed."""
    items = sorted(items, key=lambda i: (i.kind, not i.is_news, -i.count, i.key))
    keys = tuple(i.key for i in items)
    about = f"{domain} {slot} {sha256('|'.join(sorted(keys)).encode()).hexdigest()[:12]}"
    night = "night" if domain == "core" else domain
    row = f", {failed} nights in a row" if failed >= 3 else ""
    short = items[0].what.split("\n")[0]
    subject = printable(f"{name}: {night} {slot} {outcome}{row}: {short}")[:150]
    nexts = [f"rostersync status -d {district}", *([f"Run: {link}"] if link else [])]
    parts = [
        (printable(i.what), _IF_NOBODY_ACTS[i.kind], f"docs/runbooks/{RUNBOOKS[i.kind]}.md")
        for i in items
    ]
    body = "\n\n".join(f"- {w}\n  If nobody acts: {n}\n  Runbook: {r}" for w, n, r in parts)
    cells = "".join(
        '<tr><td style="padding:8px;border-bottom:1px solid #ddd;vertical-align:top">'
        f'<b>{escape(w)}</b><br><span style="color:#555">If nobody acts: {escape(n)}<br>'
        f"Runbook: {escape(r)}</span></td></tr>"
        for w, n, r in parts
    )
    html = (
        '<div style="font-family:sans-serif;font-size:14px;max-width:640px">'
        f"<h3>{escape(printable(f'{name}: {night} {slot} {outcome}{row}'))}</h3>"
        f'<table style="border-collapse:collapse;width:100%">{cells}</table>'
        f"<p>{'<br>'.join(escape(n) for n in nexts)}</p></div>"
    )
    return Alert(
        AlertKind.DIGEST,
        district,
        about,
        subject.replace("\n", " "),
        body + "\n\n" + "\n".join(nexts),
        html,
        keys,
    )

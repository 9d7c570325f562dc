"""An independent account of a staged file: each line that says something was read or rejected, once."""

from __future__ import annotations

import re
from collections import Counter

from rostersync.archive import FileState
from rostersync.spec import FILES
from rostersync.spec.text import WHITE_SPACE
from rostersync.staging.preflight import windows_1252
from tests.staging.conftest import Staged

LINE_END = re.compile("\r\n|\r|\n")


def account(staged: Staged, data: bytes, delimiter: str = ",") -> None:
    """Hold what was staged against the lines of ``data``, counted here in the plainest way."""
    if staged.said.state is not FileState.ACCEPTED:
        assert staged.rows is None
        return
    rows, rejects = staged.rows or [], [line for line, _ in staged.rejects or []]
    assert len(rows) + len(rejects) == staged.said.records
    assert staged.lines == sorted(set(staged.lines))
    lines = LINE_END.split(_text(data, staged.said.encoding))
    blank = WHITE_SPACE + '"' + delimiter
    said = [n for n, line in enumerate(lines, 1) if line.strip(blank)][1:]  # after the header
    file = FILES[staged.said.name]
    known = {c.name for c in file.columns} | set(file.aliases)
    if {name.strip() for name in staged.said.header} <= known | {""}:
        covered = Counter(rejects)
        for row in rows:
            raw = (text for name, text in row.items() if name.endswith("__raw"))
            ends = sum(len(LINE_END.findall(text or "")) for text in raw)
            covered.update(range(row["_line"], row["_line"] + ends + 1))
        assert max(covered.values(), default=1) == 1, "a line was read twice"
        assert not set(said) - set(covered), "a line was lost"
    if b'"' not in data:
        assert set(said) == {*staged.lines, *rejects}


def _text(data: bytes, encoding: str) -> str:
    if encoding == "utf-16":
        return data.decode("utf-16")
    data = data.removeprefix(b"\xef\xbb\xbf")
    return windows_1252(data) if encoding == "windows-1252" else data.decode("utf-8", "replace")

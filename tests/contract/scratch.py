"""A copy of the project in which the contract is changed, in no other files than the page names."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
PAGE = HOME / "docs" / "changing-the-contract.md"

_LEFT = (".git", ".venv*", ".local", ".*_cache", "__pycache__")
_ITEM = re.compile(r"^- ((?:`[\w./<>-]+`(?:, )?)+)", re.MULTILINE)


def named(page: str, heading: str) -> tuple[str, ...]:
    """The files of a section of the page: what its list names first. One with a ``<name>`` stands for any."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    return tuple(name for item in _ITEM.findall(section) for name in re.findall("`(.*?)`", item))


class Scratch:
    """The copy in ``folder``. ``files``: what may be changed, as the page names it.

    ``forgotten``: what a change needs and the page does not name; it is left as it was. ``touched``: which of
    the page's names were needed.
    """

    def __init__(self, folder: Path, files: Sequence[str]) -> None:
        self.folder = folder
        self.files = {name: re.compile(re.sub(r"<\w+>", r"[\\w-]+", name)) for name in files}
        self.forgotten: list[str] = []
        self.touched: set[str] = set()
        shutil.copytree(HOME, folder, ignore=shutil.ignore_patterns(*_LEFT))

    # Changes
    def insert(self, name: str, before: str, text: str) -> None:
        """Text before what stands in the file once."""
        whole = self.text(name)
        assert whole.count(before) == 1, f"{name} has not once: {before}"
        self.write(name, whole.replace(before, text + before))

    def append(self, name: str, text: str) -> None:
        self.write(name, self.text(name) + text)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def rules(self, name: str) -> list[dict[str, Any]]:
        """A suite's expectations."""
        return list(json.loads(self.text(f"expectations/{name}.json"))["expectations"])

    def suite(self, name: str, rules: Sequence[Mapping[str, Any]]) -> None:
        document = {"name": name, "expectations": rules}
        self.write(f"expectations/{name}.json", json.dumps(document, indent=2))

    def migration(self, name: str, *entities: str) -> None:
        """A new one, of what the draft says of the entities."""
        folder = "include/sql/postgres/migrations"
        number = len(list((self.folder / folder).glob("*.sql"))) + 1
        header = {
            "purpose": name,
            "grain": "none",
            "inputs": "none",
            "outputs": ", ".join(entities),
        }
        head = "".join(f"-- {k}: {v}\n" for k, v in {**header, "parameters": "none"}.items())
        drafts = [self.run("-m", "rostersync.cli", "migrate", "--draft", e) for e in entities]
        self.write(f"{folder}/{number:04}_{name}.sql", head + "\n".join(drafts))

    def pages(self, *names: str) -> None:
        """Generated pages, made anew."""
        before = self._texts("docs")
        self.run("-m", "rostersync.pages", *names)
        for name, text in self._texts("docs").items():
            if before.get(name) != text and not self._may(name):
                (self.folder / name).write_text(before[name], encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """A file's new text, if the page names the file."""
        if self._may(name):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")

    def _may(self, name: str) -> bool:
        known = [k for k, pattern in self.files.items() if pattern.fullmatch(name)]
        self.touched.update(known)
        if not known and name not in self.forgotten:
            self.forgotten.append(name)
        return bool(known)

    def _texts(self, folder: str) -> dict[str, str]:
        found = (self.folder / folder).glob("*.md")
        return {str(p.relative_to(self.folder)): p.read_text(encoding="utf-8") for p in found}

    # What it does then
    def run(self, *command: str) -> str:
        """Run Python on the copy's code; what it prints. The output is the error of what fails."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ROSTERSYNC_", "AIRFLOW"))}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env={
                **kept,
                "PYTHONPATH": str(self.folder / "plugins"),
                # not below this run's own: a server's socket has no room for both
                "TMPDIR": os.environ["PYTEST_DEBUG_TEMPROOT"],
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def test(self, *tests: str) -> None:
        """Run tests of the copy."""
        self.run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)

"""Every sentence of the tables in ``sentences*.py`` is true, and every rule of resolve is in the table."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.archive import Archive
from rostersync.validation import Phase, load_suites
from tests.diff.sentences import NAMES, SENTENCES, Sentence
from tests.diff.sentences_known import KNOWN
from tests.diff.test_attendance import OF_THE_LOAD
from tests.diff.test_attendance import RULES as OF_ATTENDANCE
from tests.diff.test_reuse import RULES as OF_REUSE
from tests.diff.test_terms import RULES as OF_TERMS
from tests.support.nights import Nights
from tests.support.sizes import as_large

EVERY = [*SENTENCES, *KNOWN]


class Before:
    """The nights before, resolved once for all sentences that start from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[tuple[int, tuple[str, ...]], Nights] = {}

    def nights(self, sentence: Sentence, folder: Path) -> Nights:
        """A copy of them, to go on with."""
        key = (id(sentence.before), sentence.office)
        if key not in self.made:
            nights = Nights(Archive(self.folder / str(len(self.made))), sentence.office)
            for upload in sentence.before:
                nights.upload(upload)
            self.made[key] = nights
        made = self.made[key]
        if made.diffs:
            shutil.copytree(made.archive.url, folder)
        copied = Nights(Archive(folder), sentence.office)
        copied.diffs = list(made.diffs)
        return copied


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    return Before(tmp_path_factory.mktemp("before"))


_ONE_IN = 24
"""`make test-fast` looks at so few of the sentences, `make test` at all."""


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param(s, id=s.says, marks=() if n % _ONE_IN == 0 else pytest.mark.slow)
        for n, s in enumerate(EVERY)
    ],
)
def test_sentence(sentence: Sentence, before: Before, tmp_path: Path) -> None:
    nights = before.nights(sentence, tmp_path / "archive")
    # whatever its size: every second one as if it were large
    with as_large() if EVERY.index(sentence) % 2 else nullcontext():
        diff = nights.upload(sentence.tonight)
    assert nights.quarantine() == sorted(sentence.out)
    assert {n: e.removed for n, e in diff.entities.items() if e.removed} == sentence.removed
    assert {n: e.reasons for n, e in diff.entities.items() if e.reasons} == sentence.carried
    assert {n: f.duplicates for n, f in diff.files.items() if f.duplicates} == sentence.duplicates
    kept_out = {rule for _, _, rule, _ in sentence.out}
    noted = {f.rule: f.count for file in diff.files.values() for f in file.findings}
    assert {r: n for r, n in noted.items() if r not in kept_out} == sentence.noted
    assert set(noted) >= kept_out
    for name, count in sentence.accepted.items():
        assert diff.files[name].accepted == count, name
    for name, state in sentence.states.items():
        assert diff.files[name].state is state, name
    for entity, names in sentence.lives.items():
        assert [row[0] for row in nights.state(entity, NAMES[entity])] == sorted(names), entity
    for entity, (columns, rows) in sentence.values.items():
        assert nights.state(entity, columns) == rows, entity


def test_every_rule_of_resolve_has_a_sentence() -> None:
    rules = load_suites(paths.expectations_folder()).rules
    resolved = {rule.id for rule in rules if rule.phase is Phase.RESOLVE}
    told = {rule for s in EVERY for rule in s.rules} | {*OF_ATTENDANCE, *OF_REUSE, *OF_TERMS}
    told |= {*OF_THE_LOAD}
    assert resolved - told == set()


def test_sentences_are_told_apart() -> None:
    said = [s.says for s in EVERY]
    assert len(said) == len(set(said))

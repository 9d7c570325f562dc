"""What a person is told of a district's first upload beside its counts."""

from __future__ import annotations

from rostersync.engine import open_session
from rostersync.fold import EMPTY_FINGERPRINT
from rostersync.ledger.results import RunResult
from rostersync.pipeline.ground.run import Run
from rostersync.spec import ENTITIES

_CODES = ("students.grade_level.known", "students.status.known", "parents.language.known")


def first_look(run: Run, held: RunResult) -> list[str]:
    """How many families can be reached, and which codes are not mapped: words with counts, no value of a row.

    ``held``: the upload as it waits, its states in the archive.
    """
    said = [_reachable(run, held)]
    for file in held.files.values():
        said += [
            f"{finding.rule}: {finding.count:,} records with a code that is not mapped"
            for finding in file.findings
            if finding.rule in _CODES
        ]
    return said


def _reachable(run: Run, held: RunResult) -> str:
    states = {name: held.changes[name].fingerprint for name in ("students", "parents")}
    if EMPTY_FINGERPRINT in states.values():
        return "No family can be reached: the upload has no students or no parents"
    with open_session(run.archive) as session:
        for name, fingerprint in states.items():
            session.view_state(name, ENTITIES[name], run.layout.state(name, fingerprint))
        ((reached, students),) = session.run("duckdb/reports/reachable_families.sql")
    return (
        f"{reached:,} of {students:,} students have a parent who can be reached by email or phone"
    )

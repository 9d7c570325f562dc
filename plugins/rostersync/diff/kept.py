"""What stays because of records whose key cannot be read, counted beside the record."""

from __future__ import annotations

from rostersync.diff.resolve import Resolver, has_student
from rostersync.spec import ENTITIES, FILES


def count_kept(resolver: Resolver) -> None:
    """Make ``kept_lines``: how many stored rows stay because of a line. ``resolver``: after its run."""
    session = resolver.session
    session.con.execute(
        "create or replace table kept_lines"
        " (file varchar, _line bigint, student_id varchar, school_id varchar, kept bigint)"
    )
    for name in sorted(resolver.unidentified):
        carried = [e for e in ENTITIES.values() if e.file == name and e.name in resolver.carried]
        if carried:
            session.run(
                "duckdb/diff/kept_lines.sql",
                file=FILES[name],
                entities=carried,
                has_student=has_student(FILES[name]),
                has_rejects=resolver.files[name].rejects is not None,
            )

"""What a file's records refer to: who refers to nothing known, and what cannot be said of whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rostersync.archive import FileState
from rostersync.diff.resolve.resolution import MEMBERS, Resolution
from rostersync.engine import render_sql
from rostersync.fold import FindingSummary
from rostersync.spec import ENTITIES, FILES, Entity, File, Reference
from rostersync.spec.rules import NOT_LOOKED_UP, PARENT_QUARANTINED, UNRESOLVED

_MOST_LINES = 8


def count_orphans(work: Resolution, file: File, main: Entity) -> int:
    """Exclude the records that refer to nothing known; how often."""
    found = work.references(main)
    absent = {r.entity: work.did_not_come(r.entity) for r in found}
    parents = [
        (r, work.known(file, r.entity), r.entity in work.held_back, bool(absent[r.entity]))
        for r in found
    ]
    count = work.count("references", file=file, references=parents) if parents else 0
    by_contact = file.name == MEMBERS and work.available.issuperset(("staff", "parents"))
    if by_contact:
        count += work.count("no_such_person", did_come=not (absent["staff"] or absent["parents"]))
    if count and any(absent.values()):
        names = ", ".join(dict.fromkeys(name for name in absent.values() if name))
        _say(work, file, UNRESOLVED, f"Not there: {names}.")
    if count:
        _say_where_owners_are(work, file, parents, by_contact=by_contact)
    return count


def _say_where_owners_are(
    work: Resolution,
    file: File,
    parents: Sequence[tuple[Reference, str, bool, bool]],
    *,
    by_contact: bool,
) -> None:
    """Of records that refer to somebody in quarantine: on which lines that is."""
    waited_for = [
        (reference, known, ENTITIES[reference.entity].file)
        for reference, known, is_held_back, is_absent in parents
        if is_held_back and not is_absent
    ]
    if not waited_for and not by_contact:
        return
    found = work.session.run(
        "duckdb/resolve/owners_in_quarantine.sql",
        file=file,
        waited_for=waited_for,
        by_contact=by_contact,
        most=_MOST_LINES,
    )
    if found:
        where = "; ".join(_lines_in(*one) for one in found)
        _say(work, file, PARENT_QUARANTINED, f"In quarantine: {where}.")


def _lines_in(file: str, count: int, lines: Sequence[int]) -> str:
    more = f" and {count - len(lines):,} more" if count > len(lines) else ""
    return f"{FILES[file].csv} line{'s' if count > 1 else ''} {', '.join(map(str, lines))}{more}"


def _say(work: Resolution, file: File, rule: str, words: str) -> None:
    """Beside what is found by a rule in a file."""
    given = work.files[file.name]
    work.files[file.name] = replace(given, values={**given.values, rule: words})


def find_left_out(work: Resolution, file: File, main: Entity) -> None:
    """The ids that tonight's file has only in records that are left out: what refers to them is no orphan."""
    if not work.leaves_out(file):
        return
    references = (r for e in ENTITIES.values() for r in e.references)
    ids = next((r.to for r in references if r.entity == main.name), None)
    if ids is None:
        return
    known = work.referable(main.name)
    if work.count("left_out_ids", file=file, entity=main, ids=ids, known=known):
        work.left_out.add(main.name)


def are_all_orphans(work: Resolution, file: File, main: Entity) -> bool:
    """True when not one record of an optional file refers to anything that is known."""
    if file.required or main.day:
        return False
    ((records, orphans),) = work.session.run("duckdb/resolve/all_orphans.sql", file=file)
    return bool(records) and records == orphans


def reject(work: Resolution, file: File) -> None:
    """An optional file that refers to nothing known is another district's or another year's."""
    given = work.files[file.name]
    found = FindingSummary(
        "file.records.orphaned",
        "critical",
        None,
        given.records or 0,
        message=f"Every record of {file.csv} refers to something that is not known: it may be of"
        " another school year or district. It is left out, and what was known of it stays.",
    )
    causes = (
        FindingSummary(
            rule,
            work.texts[rule].severity,
            work.texts[rule].column,
            count,
            tuple(lines),
            work.texts[rule].message,
        )
        for rule, count, lines in work.session.run("duckdb/resolve/orphan_rules.sql", file=file)
    )
    work.files[file.name] = replace(
        given, state=FileState.REJECTED, findings=(*given.findings, found, *causes)
    )
    work.session.con.execute("delete from excluded where file = $1", [file.name])
    del work.out[file.name]
    if work.only_what_came:
        work.available -= {e.name for e in ENTITIES.values() if e.file == file.name}


def note_not_looked_up(work: Resolution, entities: Iterable[Entity]) -> None:
    """Say in one sentence whose references to a file that brings nothing were not looked up.

    It stands at that file; where nobody misses it, at the first that refers to it.
    """
    asking: dict[str, dict[str, None]] = {}
    for entity in entities:
        if not work.files[entity.file].brings_rows:
            continue
        for r in entity.references:
            if work.did_not_come(r.entity) and not r.advisory:
                asking.setdefault(ENTITIES[r.entity].file, {})[entity.file] = None
    for name, files in asking.items():
        said_at = name if work.is_asked_for(name) else next(iter(files))
        given = work.files[said_at]
        found = FindingSummary(
            NOT_LOOKED_UP,
            "warning",
            None,
            len(files),
            message=f"{FILES[name].csv} brings no records, so it was not looked up whether it has what"
            f" {_listed([FILES[f].csv for f in files])} {'refer' if len(files) > 1 else 'refers'} to.",
        )
        work.files[said_at] = replace(given, findings=(*given.findings, found))


def note_none_loaded(work: Resolution, file: File, reference: Reference) -> None:
    """Say in one sentence that another domain has loaded nothing yet in which to look."""
    known = work.known(file, reference.entity)
    missing = render_sql(
        "duckdb/resolve/missing_advised.sql", file=file, reference=reference, known=known
    )
    naming = work.session.scalar(f"select count(*) from ({missing})")
    if not naming:
        return
    given = work.files[file.name]
    found = FindingSummary(
        NOT_LOOKED_UP,
        "warning",
        reference.columns[-1],
        naming,
        message=f"No {reference.entity} are loaded yet, so it was not looked up whether"
        f" {FILES[ENTITIES[reference.entity].file].csv} has those that {file.csv} names.",
    )
    work.files[file.name] = replace(given, findings=(*given.findings, found))


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last

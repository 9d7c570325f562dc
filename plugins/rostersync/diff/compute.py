"""slice(N) = diff(state(N-1), state(N)): resolve a landing, count, and keep the artefacts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from rostersync.archive import Archive, DiffFolder, Layout
from rostersync.diff.accounting import account, files_asked_for, is_good
from rostersync.diff.before import (
    entities_in_upload,
    foreign_states,
    lost_before,
    named,
    parts_before,
    state_of,
    states_before,
)
from rostersync.diff.counted import TermsAt
from rostersync.diff.entities import entity_diffs, held_slice, keep_lost, keep_reused
from rostersync.diff.ids import damaged_ids
from rostersync.diff.inputs import Codes, FileInput, RuleText
from rostersync.diff.measure import measure, with_creep
from rostersync.diff.rekey import find_rekeyed
from rostersync.diff.resolve import Resolver, half_taken
from rostersync.diff.shapes import compared_with, shapes_after, shapes_before
from rostersync.engine import TINY_ROWS, Session, open_session
from rostersync.fold import EMPTY_FINGERPRINT, EntityDiff, Settled, SlotDiff, base_of
from rostersync.spec import Domain, Entity, entities_of

_SMALL = 100_000
"""Records of a landing; up to there one thread is as fast as several, and tables are faster than views."""


def compute_diff(
    archive: Archive,
    layout: Layout,
    *,
    landing: int,
    pin: str,
    files: Mapping[str, FileInput],
    findings: str,
    previous: Mapping[str, str],
    rules: Mapping[str, RuleText],
    district_office: Sequence[str] = (),
    settled: Settled = Settled(),  # noqa: B008 - frozen
    folder_only: bool = False,
    fails: bool = False,
    codes: Codes | None = None,
    week_ago: Mapping[str, str] | None = None,
) -> SlotDiff:
    """The diff of one landing against the state ``previous`` (fingerprints: :attr:`Fold.state`).

    Pure in its inputs: the archived document is returned when the same was computed before. Writes what
    :class:`DiffFolder` names, and by content the new states and ids that seem damaged.
    ``settled``: what is held, approved, restored and looked into; what must wait with it is found.
    ``folder_only``, ``fails``, ``codes``: see :class:`Resolver`. ``week_ago``: fingerprints of the state
    seven slots ago, for the limits. Raises AccountingError when a record is not accounted for.
    """
    entities = entities_of(Domain(layout.domain))
    parts = {e.name: parts_before(archive, e, previous, files[e.file]) for e in entities}
    base = _base(named(parts, previous) | shapes_before(files, previous), settled, fails=fails)
    folder = layout.diff(landing, pin, base)
    if known := _computed_before(archive, folder):
        return with_creep(archive, layout, known, week_ago or {})
    head = SlotDiff(layout.slot, landing, pin, base, _nothing(entities), {}, {}, settled)
    files = compared_with(archive, layout, files, previous)
    whole = settled
    while True:
        with _session(archive, files) as session:
            resolver = _resolver(
                session,
                layout,
                files,
                parts,
                rules,
                district_office,
                whole,
                lost=lost_before(layout, previous),
                folder_only=folder_only,
                fails=fails,
                codes=codes,
            )
            concerned = entities_in_upload(entities, files, resolver.prev, settled.restored)
            resolver.run(concerned, findings)
            if more := half_taken(resolver, concerned):  # rare: of a slot that is recomputed
                head = replace(head, tied=(*head.tied, *more))
                whole = replace(settled, held=(*settled.held, *head.tied))
                continue
            diffs = entity_diffs(session, layout, folder, concerned, parts, resolver)
            counted = _counted(resolver, folder, head, concerned, diffs)
            diff = _with_lists(counted, resolver, layout, folder, previous)
        archive.write_json(folder.document, diff.to_json())
        return with_creep(archive, layout, diff, week_ago or {})


def _nothing(entities: Iterable[Entity]) -> dict[str, EntityDiff]:
    return {e.name: EntityDiff(EMPTY_FINGERPRINT, 0) for e in entities}


def _base(before: dict[str, str], settled: Settled, *, fails: bool) -> str:
    """Names what the diff is computed against. ``before``: fingerprints of the state before."""
    base = base_of(before, settled)
    if fails:  # what is said of such a night must never be taken for what it would load
        return hashlib.sha256(f"{base} fails".encode()).hexdigest()
    return base


def _with_lists(
    diff: SlotDiff,
    resolver: Resolver,
    layout: Layout,
    folder: DiffFolder,
    previous: Mapping[str, str],
) -> SlotDiff:
    """The document with what is kept beside it by content; the quarantine is written, too."""
    session = resolver.session
    quarantine = "select file, _line, rule, reason from excluded where kind = 'quarantined'"
    session.write_parquet(quarantine, folder.quarantine, order="order by file, _line, rule")
    return replace(
        diff,
        damaged=damaged_ids(resolver, layout),
        shapes=shapes_after(session.archive, layout, resolver.files, previous),
        lost=keep_lost(session, layout, resolver),
    )


def _computed_before(archive: Archive, folder: DiffFolder) -> SlotDiff | None:
    """The archived diff; None when there is none, or one of an older version in which limits see nothing."""
    if not archive.exists(folder.document):
        return None
    known = SlotDiff.from_json(archive.read_json(folder.document))
    return known if known.measures is not None else None


def resolve_again(
    session: Session,
    layout: Layout,
    *,
    files: Mapping[str, FileInput],
    findings: str,
    previous: Mapping[str, str],
    rules: Mapping[str, RuleText],
    district_office: Sequence[str] = (),
    settled: Settled = Settled(),  # noqa: B008 - frozen
    fails: bool = False,
    codes: Codes | None = None,
) -> Resolver:
    """What :func:`compute_diff` resolves, with every line at hand; writes nothing. Arguments as there."""
    entities = entities_of(Domain(layout.domain))
    parts = {e.name: parts_before(session.archive, e, previous, files[e.file]) for e in entities}
    files = compared_with(session.archive, layout, files, previous)
    resolver = _resolver(
        session,
        layout,
        files,
        parts,
        rules,
        district_office,
        settled,
        lost=lost_before(layout, previous),
        fails=fails,
        codes=codes,
    )
    resolver.run(entities_in_upload(entities, files, resolver.prev, settled.restored), findings)
    return resolver


def _resolver(
    session: Session,
    layout: Layout,
    files: Mapping[str, FileInput],
    parts: Mapping[str, Mapping[str, str]],
    rules: Mapping[str, RuleText],
    district_office: Sequence[str],
    settled: Settled,
    *,
    lost: str | None,
    folder_only: bool = False,
    fails: bool,
    codes: Codes | None,
) -> Resolver:
    """``parts``, ``lost``: of the state before; the others as of :func:`compute_diff`."""
    return Resolver(
        session,
        dict(files),
        states_before(layout, parts),
        rules,
        district_office,
        foreign=foreign_states(layout, settled.foreign),
        held=settled.held,
        gone=settled.gone,
        restored=[(r, state_of(layout, r)) for r in settled.restored],
        new_ids=[layout.ids(fingerprint) for fingerprint in settled.ids],
        folder_only=folder_only,
        fails=fails,
        codes=codes,
        prev_lost=lost,
    )


def _counted(
    resolver: Resolver,
    folder: DiffFolder,
    head: SlotDiff,
    concerned: Sequence[Entity],
    diffs: Mapping[str, EntityDiff],
) -> SlotDiff:
    """The document: ``head``, which names the diff, with everything that is counted of it.

    ``resolver``: after its run. ``diffs``: of the entities ``concerned``.
    """
    session, settled = resolver.session, head.settled
    files = files_asked_for(resolver)
    results, unreachable = account(resolver, files)
    rekeyed, aliases = find_rekeyed(session, folder, settled, files, concerned)
    reused = keep_reused(session, folder) if _reads_students(files) else None
    return replace(
        head,
        entities={**head.entities, **diffs},
        files=results,
        sha256={n: f.sha256 for n, f in files.items() if f.sha256 and is_good(f)},
        held=tuple(held_slice(session, one, concerned) for one in settled.held),
        measures=measure(
            session,
            files,
            diffs,
            has_reused=resolver.reused > 0,
            unreachable=unreachable,
            terms=_terms(head),
            gone=resolver.gone,
        ),
        rekeyed=rekeyed,
        aliases=aliases,
        reused=reused,
    )


def _terms(head: SlotDiff) -> TermsAt | None:
    """The terms by which it is told whose sections may go; None where none were loaded."""
    has_terms = head.settled.foreign.get("terms", EMPTY_FINGERPRINT) != EMPTY_FINGERPRINT
    return TermsAt(head.slot) if has_terms and "sections" in head.entities else None


def _session(archive: Archive, files: Mapping[str, FileInput]) -> AbstractContextManager[Session]:
    """A session for a landing of so many records."""
    records = sum(f.records or 0 for f in files.values())
    return open_session(archive, is_small=records <= _SMALL, is_tiny=records <= TINY_ROWS)


def _reads_students(files: Mapping[str, FileInput]) -> bool:
    return "students" in files and files["students"].brings_rows

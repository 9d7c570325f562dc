"""What of a night needs a person: one digest per district, domain and slot, decided by the ledger alone.

Alerts are for change: what is as it was the nights before is counted in reports, and raised no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from rostersync.archive import UNUSABLE, FileState, Why
from rostersync.config import last_day
from rostersync.engine import render_sql
from rostersync.engine.postgres import Connection, connect, found
from rostersync.fold import is_only_tied
from rostersync.ledger.alerts import raise_alert, reported_items
from rostersync.ledger.holds import find_holds
from rostersync.ledger.results import Outcome
from rostersync.ledger.waivers import waived_rules
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.watch.lasting import lasting
from rostersync.reporting.digest import Item, digest
from rostersync.reporting.words import counted
from rostersync.spec import FILES, Domain
from rostersync.spec.shown import shown_id

_NIGHTS = 30
_BAD = (Outcome.REJECTED, Outcome.MISSING, Outcome.ERROR)
_ESCALATED, _AGAIN = 3, 7
"""The third bad night in a row is told as such, and then every seventh."""
_MOVED_ROWS, _MOVED_SHARE = 25, 0.25
_HISTORY = 3
"""Of a rule less is known before it has been looked for in so many slots."""


@dataclass(frozen=True, slots=True)
class _Night:
    slot: str
    run_id: str
    outcome: str
    message: str
    states: dict[str, str]
    is_newest: bool

    @property
    def failed(self) -> bool:
        return self.outcome in _BAD


def raise_digest(run: Run, now: datetime | None = None, *, run_url: str = "") -> bool:
    """Raise the digest of a slot whose newest run is in the ledger; True when there is one to deliver.

    Nothing is raised twice: what the slot's digests have reported is left out of a later one. Only the newest
    slot has one: who backfills old nights is looking at them. Attendance has alerts of its own.

    Raises WarehouseUnavailableError.
    """
    if run.domain is Domain.ATTENDANCE:
        return False
    with connect(run.warehouse) as conn, conn.transaction():
        now = now or datetime.now(UTC)
        nights = _nights(conn, run, now)
        if not nights or nights[0].slot != run.slot or not nights[0].is_newest:
            return False
        about = f"{run.domain} {run.slot} "
        reported = reported_items(conn, run.district, about)
        items = [item for item in _items(conn, run, nights) if item.key not in reported]
        if not any(item.is_change for item in items):
            return False
        alert = digest(
            run.district,
            run.cfg.name,
            str(run.domain),
            run.slot,
            nights[0].outcome,
            items,
            run_url=run_url,
        )
        return raise_alert(conn, alert, now)


def _nights(conn: Connection, run: Run, now: datetime) -> list[_Night]:
    """Tonight, and the nights before on which an upload was due or names were not read."""
    last = last_day(run.cfg.zone, run.domain, now).isoformat()
    where = {"district": run.district, "domain": str(run.domain), "slot": run.slot, "last": last}
    return found(conn, _Night, "postgres/alerts/nights.sql", {**where, "most": _NIGHTS})


def _items(conn: Connection, run: Run, nights: list[_Night]) -> Iterator[Item]:
    tonight = nights[0]
    yield from _names(conn, nights)
    if tonight.outcome == Outcome.NOT_EXPECTED:
        return
    nights = [n for n in nights if n.outcome != Outcome.NOT_EXPECTED]
    streak = next((n for n, night in enumerate(nights) if not night.failed), len(nights))
    if tonight.failed:
        causes = _causes(conn, tonight)
        yield from _failure(tonight, nights[1] if len(nights) > 1 else None, streak, causes)
    yield from _holds(conn, run)
    if run.domain is Domain.CORE and run.cfg.attendance is not None:
        yield from _unheard(conn, run, nights)
    if not tonight.failed:
        yield from _files(nights)
        yield from lasting(conn, run)
        yield from _levels(conn, run, tonight)


def _names(conn: Connection, nights: list[_Night]) -> Iterator[Item]:
    """Names that were not read: told when they are new, and each week again."""
    tonight = nights[0]
    rows = conn.execute(
        render_sql("postgres/alerts/names.sql"), {"run_ids": [n.run_id for n in nights]}
    ).fetchall()
    seen: dict[str, dict[tuple[str, str], tuple[int, str]]] = {n.run_id: {} for n in nights}
    for run_id, rule, file, count, message in rows:
        seen[run_id][rule, file] = (count, message)
    for (rule, file), (count, message) in sorted(seen[tonight.run_id].items()):
        if rule == Why.UNKNOWN and tonight.outcome not in (Outcome.MISSING, Outcome.NOT_EXPECTED):
            continue  # beside an upload it is the report's
        there = [(rule, file) in seen[n.run_id] for n in nights]
        nth = there.index(False) if False in there else len(there)
        yield Item(
            f"{rule}:{file}",
            _ABOUT[Why(rule)],
            file=file,
            count=count,
            detail=message,
            is_change=nth == 1 or nth % _AGAIN == 0,
        )


_ABOUT = {
    Why.OFF: "off",
    Why.MISNAMED: "misnamed",
    Why.UNFINISHED: "unfinished",
    Why.UNKNOWN: "unknown",
    Why.CROWDED: "crowded",
}


def _causes(conn: Connection, tonight: _Night) -> dict[str, str]:
    """By file, the rules that stop it, with the contract's column."""
    rows = conn.execute(render_sql("postgres/alerts/causes.sql"), {"run_id": tonight.run_id})
    return dict(rows.fetchall())


def _failure(
    tonight: _Night, before: _Night | None, streak: int, causes: Mapping[str, str]
) -> Iterator[Item]:
    """A failure is told when it is new; one that lasts when it has lasted for three nights, and each week."""
    stops = (*UNUSABLE, FileState.STALE) if tonight.outcome == Outcome.MISSING else UNUSABLE
    unusable = sorted(n for n, state in tonight.states.items() if state in stops)
    files = ", ".join(f"{name}.csv {tonight.states[name]}" for name in unusable)
    why = "; ".join(
        f"{name}.csv {tonight.states[name]}" + (f": {causes[name]}" if name in causes else "")
        for name in unusable
    )
    same = before is not None and before.outcome == tonight.outcome
    if streak == _ESCALATED or (streak and streak % _AGAIN == 0):
        yield Item(f"bad_nights:{streak}", "bad_nights", count=streak, detail=why)
    elif not same or _unlike(before, tonight):
        detail = tonight.message if tonight.outcome == Outcome.ERROR else why
        yield Item(f"{tonight.outcome}:{files}", str(tonight.outcome), detail=detail)


def _unlike(before: _Night | None, tonight: _Night) -> bool:
    def bad(night: _Night) -> set[tuple[str, str]]:
        return {(n, s) for n, s in night.states.items() if s in UNUSABLE}

    return before is not None and bad(before) != bad(tonight)


def _holds(conn: Connection, run: Run) -> Iterator[Item]:
    """A hold that began in this slot; one that goes on keeps its first slot."""
    for hold in find_holds(conn, district=run.district, status="open"):
        if (hold.domain, hold.slot, hold.first_slot) != (str(run.domain), run.slot, run.slot):
            continue
        own = [s for s in hold.slices if not is_only_tied(s)]
        tied = sum(s["count"] for s in hold.slices if is_only_tied(s))
        waiting = "; ".join(
            [
                *(f"{s['count']:,} {s['entity']} {s['kind']}{_at(s['scope'])}" for s in own),
                *([f"{counted(tied, 'row')} tied to them"] if tied else []),
            ]
        ) or ", ".join(f"{n:,} {name}" for name, n in hold.counts.items() if n)
        yield Item(f"hold:{hold.hold_id}", f"hold_{hold.kind}", detail=waiting)


_UNHEARD = ("attendance.period.unheard", "attendance.period.p0_unsaid", "attendance.date.too_old")
"""Rules that say that no family hears of a file of attendance."""


def _unheard(conn: Connection, run: Run, nights: list[_Night]) -> Iterator[Item]:
    """What kept families from hearing since the night before: when it is new, and each Monday."""
    night = date.fromisoformat(run.slot)
    since = nights[1].slot if len(nights) > 1 else ""
    values = {
        "district": run.district,
        "domain": str(Domain.ATTENDANCE),
        "rules": list(_UNHEARD),
        "before": nights[2].slot if len(nights) > 2 else "",
        "since": since,
        "until": run.slot,
    }
    rows = conn.execute(render_sql("postgres/alerts/unheard.sql"), values).fetchall()
    for rule, slots, is_new in rows:
        if is_new or night.weekday() == 0:
            yield Item(f"unheard:{rule}", "unheard", file="attendance", rule=rule, count=slots)


def _at(school: str) -> str:
    return f" at school {shown_id(school)}" if school else ""


def _files(nights: list[_Night]) -> Iterator[Item]:
    """Files that could be used the night before and cannot tonight; required ones old for three nights."""
    tonight, before = nights[0], next((n for n in nights[1:] if not n.failed), None)
    for name, state in sorted(tonight.states.items()):
        was = before.states.get(name) if before else None
        if state in UNUSABLE and (was != state) and (was is not None or state in _SENT):
            yield Item(f"file:{name}:{state}", "file", file=name, detail=state)
        if state == FileState.STALE and name in FILES and FILES[name].required:
            old = next(
                (i for i, n in enumerate(nights) if n.states.get(name) != FileState.STALE),
                len(nights),
            )
            if old == _ESCALATED:
                yield Item(f"stale:{name}", "stale", file=name, count=old)


_SENT = (FileState.REJECTED, FileState.EMPTY, FileState.HEADER_ONLY)
"""States of a file that is there: also of a district's first night."""


def _levels(conn: Connection, run: Run, tonight: _Night) -> Iterator[Item]:
    values = {
        "district": run.district,
        "domain": str(run.domain),
        "slot": run.slot,
        "run_id": tonight.run_id,
        "known": list(waived_rules(conn, run.district, run.slot)),
    }
    rows: list[tuple[Any, ...]] = conn.execute(
        render_sql("postgres/alerts/levels.sql"), values
    ).fetchall()
    for file, rule, severity, now, usual, seen, history, lines, _ in rows:
        if history < _HISTORY or now is None:
            continue
        fact = {"file": file, "count": int(now), "usual": float(usual), "lines": tuple(lines)}
        moved = abs(now - usual) > _MOVED_ROWS and abs(now - usual) > _MOVED_SHARE * usual
        if rule is None:
            if moved:
                yield Item(f"quarantine:{file}", "quarantine", **fact)
        elif now and not seen and (severity != "warning" or now > _MOVED_ROWS):
            yield Item(f"new:{rule}", "new_rule", rule=rule, **fact)
        elif moved:
            yield Item(f"moved:{rule}", "moved", rule=rule, **fact)

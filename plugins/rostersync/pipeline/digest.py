"""The digest of a night: what of it needs a person, decided from the ledger alone (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rostersync.config import DistrictConfig
from rostersync.engine import render_sql
from rostersync.ledger.alerts import raise_alert, told_items
from rostersync.ledger.waivers import waived_rules
from rostersync.reporting.digest import Item, ItemKind, digest_alert
from rostersync.spec import FILES, Domain
from rostersync.warehouse import Connection, connect, find_holds

RECENT = timedelta(days=3)
"""An older slot that is run now is a backfill: somebody is looking at it."""
HISTORY = 3
"""With fewer slots before, nothing is usual yet."""
MOST = 25
SHARE = 0.25
_FAILED = {"rejected", "missing", "error"}
_UNUSABLE = {"rejected", "missing", "empty", "header_only"}
_CARRIED = {"stale", "missing", "empty", "header_only"}
_LOOK_BACK = 60


@dataclass(frozen=True, slots=True)
class _Night:
    slot: str
    run_id: str
    outcome: str
    message: str
    states: dict[str, str]
    is_newest: bool

    @property
    def has_failed(self) -> bool:
        return self.outcome in _FAILED

    @property
    def failure(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """What makes two nights' failures the same."""
        return self.outcome, frozenset(f for f in self.states.items() if f[1] in _UNUSABLE)


def raise_digest(
    warehouse: str,
    cfg: DistrictConfig,
    domain: Domain,
    slot: str,
    *,
    link: str = "",
    now: datetime | None = None,
) -> bool:
    """Raise the digest of a slot when something new in it needs a person; whether it was raised.

    ``link``: to the run, or "". ``now``: aware. Raises WarehouseUnavailableError.
    """
    now = now or datetime.now(UTC)
    today = now.astimezone(cfg.zone).date()
    if domain is Domain.ATTENDANCE or date.fromisoformat(slot[:10]) < today - RECENT:
        return False
    with connect(warehouse) as conn, conn.transaction():
        nights = _nights(conn, cfg.id, domain, slot)
        if not nights or nights[0].slot != slot or not nights[0].is_newest:
            return False
        items = list(_items(conn, cfg.id, domain, nights))
        about = f"{domain} {slot} "
        told = told_items(conn, cfg.id, about)
        if not any(i.is_news and i.key not in told for i in items):
            return False
        failed = _streak(nights, lambda n: n.has_failed)
        alert = digest_alert(
            cfg.id, cfg.name, domain, slot, nights[0].outcome, items, failed=failed, link=link
        )
        return raise_alert(conn, alert, now)


def moves(now: float, usual: float) -> bool:
    """By more than 25 rows and more than 25 %."""
    return abs(now - usual) > MOST and abs(now - usual) > SHARE * usual


def _nights(conn: Connection, district: str, domain: Domain, slot: str) -> list[_Night]:
    values = {"district": district, "domain": str(domain), "slot": slot, "most": _LOOK_BACK}
    rows = conn.execute(render_sql("warehouse/alerts/nights.sql"), values).fetchall()
    return [_Night(*row) for row in rows]


def _streak(nights: list[_Night], is_so: Any) -> int:
    """How many nights in a row, up to the newest."""
    return next((n for n, night in enumerate(nights) if not is_so(night)), len(nights))


def _again(nights: int) -> bool:
    """The third night of the same, then every seventh."""
    return nights == 3 or (nights > 0 and nights % 7 == 0)


def _items(conn: Connection, district: str, domain: Domain, nights: list[_Night]) -> Iterator[Item]:
    night = nights[0]
    if night.has_failed:
        failed = _streak(nights, lambda n: n.has_failed)
        same = _streak(nights, lambda n: n.failure == night.failure)
        kind = ItemKind.ERROR if night.outcome == "error" else ItemKind.NIGHT
        files = "".join(sorted(f" {f}={s}" for f, s in night.failure[1]))
        news = same == 1 or _again(failed)
        key = f"{night.outcome}{files}" + (f" {failed} nights" if _again(failed) else "")
        yield Item(kind, key, night.message, news, nights=failed)
        return
    yield from _holds(conn, district, domain, night.slot)
    yield from _files(nights)
    if night.outcome in ("loaded", "identical"):
        yield from _levels(conn, district, domain, nights)


def _holds(conn: Connection, district: str, domain: Domain, slot: str) -> Iterator[Item]:
    for hold in find_holds(conn, district=district, domain=domain, state="open"):
        if hold.slot != slot:
            continue
        count = sum(s["count"] for s in hold.slices) or sum(hold.counts.values())
        words = "; ".join(hold.reasons) if hold.kind != "slices" else ""
        kind = ItemKind.SLICES if hold.kind == "slices" else ItemKind.UPLOAD
        first = hold.kind == "first_load"
        yield Item(
            kind,
            f"hold {hold.hold_id}",
            "the first upload waits" if first else words,
            hold.first_slot == slot,
            count=count,
        )


def _files(nights: list[_Night]) -> Iterator[Item]:
    for file, state in sorted(nights[0].states.items()):
        if file not in FILES:
            continue
        if FILES[file].required and state in _CARRIED and file != "schools":
            # in a failed night the file was no better
            row = _streak(nights, lambda n, f=file: n.has_failed or n.states.get(f) in _CARRIED)
            if row >= 3:
                key = f"{file} carried {row} nights"
                yield Item(ItemKind.STALE, key, state, _again(row), file=file, nights=row)
        elif not FILES[file].required and state in _UNUSABLE:
            row = _streak(nights, lambda n, f=file, s=state: n.states.get(f) == s)
            was_there = any(n.states.get(file, "missing") != "missing" for n in nights[1:8])
            if state != "missing" or was_there:
                news = row == 1 or _again(row)
                yield Item(ItemKind.FILE, f"{file} {state}", state, news, file=file, nights=row)


def _levels(
    conn: Connection, district: str, domain: Domain, nights: list[_Night]
) -> Iterator[Item]:
    known = list(waived_rules(conn, district, nights[0].slot))
    before = nights[1] if len(nights) > 1 else None
    then = {i.key: i for i in _moved(conn, district, domain, before, known)} if before else {}
    for item in _moved(conn, district, domain, nights[0], known):
        last = then.get(item.key)
        # what moved last night as well was told then, unless it has gone on
        yield item.told() if last and not moves(item.count, last.count) else item


def _moved(
    conn: Connection, district: str, domain: Domain, night: _Night, known: list[str]
) -> Iterator[Item]:
    values = {
        "district": district,
        "domain": str(domain),
        "slot": night.slot,
        "run_id": night.run_id,
        "known": known,
    }
    rows = conn.execute(render_sql("warehouse/alerts/levels.sql"), values).fetchall()
    for file, rule, severity, count, usual, seen, history, lines, message in rows:
        if history < HISTORY or (rule and rule.endswith(".unreachable")):
            continue
        is_new = rule and count and not seen and (severity != "warning" or count > MOST)
        if is_new or moves(count, usual):
            kind = ItemKind.NEW_RULE if is_new else ItemKind.MOVED
            key = f"{file} {rule or 'quarantine'} {'more' if count > usual else 'fewer'}"
            yield Item(kind, key, message, True, file, rule or "", count, usual, tuple(lines))

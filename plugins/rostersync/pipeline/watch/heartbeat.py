"""The fleet's heartbeat: nights that nobody even began or hardly anybody loaded, and slots in the future.

Decided by the YAML files and the ledger alone: a run that was never made raises nothing and leaves no trace
in Airflow.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from rostersync.config import (
    DistrictConfig,
    district_files,
    is_expected,
    load_district,
    wait_deadline,
)
from rostersync.engine import render_sql
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import ConfigError
from rostersync.ledger.alerts import Alert, raise_alert
from rostersync.ledger.queries import FutureSlot, future_slots
from rostersync.ledger.results import Outcome
from rostersync.reporting.fleet_alerts import (
    few_loaded,
    future_slot,
    no_run,
    unreadable_config,
)
from rostersync.spec import Domain

LATE = timedelta(hours=1)
"""After the end of its wait, and of the hour that lies in, a night's run must have ended."""
_DAY = timedelta(days=1)
_NOT_ASKED = (Outcome.NOT_EXPECTED, Outcome.NO_SCHOOL)


@dataclass(frozen=True, slots=True)
class Night:
    """A district's night.

    ``due``: when its run must have ended (UTC, a full hour). ``outcome``: of its newest run; None: no run.
    """

    district: str
    slot: str
    due: datetime
    outcome: str | None
    is_loaded: bool


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What one look found.

    ``districts``: how many are enabled and can be read. ``silent``: nights of the last day without a run.
    ``few``: (slot, loaded, expected) of nights that hardly anybody loaded. ``unreadable``: names of YAML
    files. ``future``: slots that lie in the future. ``alerts``: what people should hear of it.
    """

    districts: int
    silent: tuple[Night, ...]
    few: tuple[tuple[str, int, int], ...]
    unreadable: tuple[str, ...]
    future: tuple[FutureSlot, ...]
    alerts: tuple[Alert, ...]

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.alerts

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync heartbeat --format json`` prints it."""
        return {
            "outcome": "ok" if self.is_fine else "silent",
            "districts": self.districts,
            "no_run": [{"district": n.district, "slot": n.slot} for n in self.silent],
            "few_loaded": [
                {"slot": slot, "loaded": loaded, "expected": expected}
                for slot, loaded, expected in self.few
            ],
            "unreadable": list(self.unreadable),
            "future_slots": [asdict(one) for one in self.future],
        }


def heartbeat(folder: Path, warehouse: str, *, now: datetime | None = None) -> Heartbeat:
    """Look, and tell nobody.

    ``folder``: of the districts' YAML files. ``warehouse``: URL. ``now``: aware.

    Raises ConfigError (no file at all), WarehouseUnavailableError, WarehouseSchemaError.
    """
    with connect(warehouse) as conn:
        return _look(conn, folder, now or datetime.now(UTC))


def tell_heartbeat(
    folder: Path, warehouse: str, *, now: datetime | None = None
) -> tuple[Heartbeat, list[Alert]]:
    """As :func:`heartbeat`; also raises the alerts. Returns those that nobody was told before."""
    now = now or datetime.now(UTC)
    with connect(warehouse) as conn:
        found = _look(conn, folder, now)
        return found, [alert for alert in found.alerts if raise_alert(conn, alert, now)]


def _look(conn: Connection, folder: Path, now: datetime) -> Heartbeat:
    districts, unreadable = _districts(folder)
    nights = _nights(conn, folder, districts, now)
    silent = tuple(n for n in nights if n.outcome is None and n.due <= now < n.due + _DAY)
    few, alerts = [], []
    for (due, slot), names in _by_hour(silent).items():
        alerts.append(no_run(slot, due - LATE, names))
    for slot, asked in _by_slot(nights).items():
        if not _is_over(asked, now) or not _are_few(asked):
            continue
        loaded = sum(n.is_loaded for n in asked)
        others = Counter(n.outcome or "no run" for n in asked if not n.is_loaded)
        few.append((slot, loaded, len(asked)))
        alerts.append(few_loaded(slot, loaded, len(asked), others))
    if unreadable:
        alerts.append(unreadable_config(now.date(), unreadable))
    zones = {cfg.id: cfg.zone for cfg in districts}
    future = tuple(future_slots(conn, now, zones=zones))
    for district in dict.fromkeys(one.district for one in future):
        slots = [f"{one.domain} {one.slot}" for one in future if one.district == district]
        alerts.append(future_slot(now.date(), district, slots))
    return Heartbeat(len(districts), silent, tuple(few), tuple(unreadable), future, tuple(alerts))


def _districts(folder: Path) -> tuple[list[DistrictConfig], list[str]]:
    """The enabled districts, and the names of files that cannot be read."""
    files = district_files(folder)
    if not files:
        raise ConfigError(
            "There is no district file",
            folder=folder,
            next_step="see whether the folder is there and mounted; ROSTERSYNC_DISTRICTS names it",
        )
    found, unreadable = [], []
    for path in files:
        try:
            found.append(load_district(path))
        except ConfigError:
            unreadable.append(path.name)
    return [cfg for cfg in found if cfg.enabled], unreadable


def _nights(
    conn: Connection, folder: Path, districts: Sequence[DistrictConfig], now: datetime
) -> list[Night]:
    """The last days' nights on which districts were expected; none that a new district could not have run."""
    asked = {(cfg.id, slot): (cfg, due) for cfg in districts for slot, due in _due(cfg, now)}
    rows = conn.execute(
        render_sql("postgres/reports/nights_of_districts.sql"),
        {
            "domain": str(Domain.CORE),
            "districts": [district for district, _ in asked],
            "slots": [slot for _, slot in asked],
        },
    ).fetchall()
    written = {
        path.stem: datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for path in district_files(folder)
    }
    nights = []
    for district, slot, outcome, is_loaded, has_run in rows:
        cfg, due = asked[district, slot]
        if has_run or written[district] <= _began(cfg, slot):
            nights.append(Night(district, slot, due, outcome, is_loaded))
    return nights


def _due(cfg: DistrictConfig, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The newest slots on which the district was expected, and when their runs must have ended."""
    today = now.astimezone(cfg.zone).date()
    for back in range(4):
        slot = (today - timedelta(days=back)).isoformat()
        if is_expected(cfg, slot):
            end = wait_deadline(cfg, Domain.CORE, slot)
            # Whole hours: who waits until 5:00 and who until 5:20 are told of in one alert.
            yield slot, end.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) + LATE


def _began(cfg: DistrictConfig, slot: str) -> datetime:
    at = datetime.combine(date.fromisoformat(slot), cfg.core.at, cfg.zone)
    return at.astimezone(UTC)


def _by_hour(nights: Sequence[Night]) -> dict[tuple[datetime, str], list[str]]:
    found: dict[tuple[datetime, str], list[str]] = defaultdict(list)
    for night in sorted(nights, key=lambda n: (n.due, n.slot, n.district)):
        found[night.due, night.slot].append(night.district)
    return found


def _by_slot(nights: Sequence[Night]) -> dict[str, list[Night]]:
    found: dict[str, list[Night]] = defaultdict(list)
    for night in sorted(nights, key=lambda n: (n.slot, n.district)):
        if night.outcome not in _NOT_ASKED:
            found[night.slot].append(night)
    return found


def _is_over(nights: Sequence[Night], now: datetime) -> bool:
    """Whether all waits of a night are over, or the first for a day; for a day from then on."""
    dues = [night.due for night in nights]
    over = min(max(dues), min(dues) + _DAY)
    return over <= now < over + _DAY


def _are_few(nights: Sequence[Night]) -> bool:
    """Fewer than half of at least three, or none of two."""
    loaded, expected = sum(n.is_loaded for n in nights), len(nights)
    return (expected >= 3 and loaded * 2 < expected) or (expected >= 2 and loaded == 0)

"""The demo's nights: which dates they are, and one slot of each district through the real scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync.demo.screen import Line
from rostersync.embedded.airflow_api import FINISHED, AirflowClient
from rostersync.errors import TransientError
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig
    from rostersync.landing import SftpAccount

WAIT_MINUTES = 15
STEPS = ("wait", "land", "stage", "validate", "diff", "load", "report")

_ENDED = (*FINISHED, "upstream_failed", "skipped", "removed")
_STALLED_SECONDS = 300.0
# Airflow needs some seconds to book a task as deferred. One whose trigger fires before is tried again.
_PAUSE_SECONDS = 5.0
_POLL_SECONDS = 1.0
_AFTER_THE_START = timedelta(minutes=12)
_SATURDAY = 5


def last_weekdays(districts: Iterable[DistrictConfig], now: datetime, count: int) -> list[date]:
    """The last weekdays that are over in every district's time zone, in order; ``now`` is aware."""
    day = min(now.astimezone(cfg.zone).date() for cfg in districts)
    days: list[date] = []
    while len(days) < count:
        day -= timedelta(days=1)
        if day.weekday() < _SATURDAY:
            days.append(day)
    return days[::-1]


def uploaded_at(cfg: DistrictConfig, night: date) -> datetime:
    """When a district sends a night's files: shortly after its schedule's time, in its own zone."""
    return datetime.combine(night, cfg.core.at, tzinfo=cfg.zone) + _AFTER_THE_START


def dag_id(domain: Domain, district: str) -> str:
    """The district's DAG of a domain."""
    return f"{domain}__{district}"


@dataclass
class Visit:
    """One slot of a district on its way.

    ``files``: name on the server -> local file. ``sent_at``: when they were last changed, None: on arrival.
    ``line``: where its progress is shown. ``state``: of Airflow's run, once it has ended.
    """

    cfg: DistrictConfig
    domain: Domain
    slot: str
    account: SftpAccount
    files: Mapping[str, Path]
    sent_at: datetime | None
    line: Line
    state: str | None = None
    run_id: str = ""
    parts: list[dict[str, Path]] = field(default_factory=list)
    has_sent: bool = False
    tasks: dict[str, str | None] = field(default_factory=dict)
    moved_at: float = 0.0

    @property
    def dag_id(self) -> str:
        """Of the DAG that runs it."""
        return dag_id(self.domain, self.cfg.id)


def run_slots(
    client: AirflowClient,
    visits: Sequence[Visit],
    *,
    logs: Path,
    on_end: Callable[[Visit], None] = lambda _: None,
) -> None:
    """Run a slot of each of some districts at once, each through its own DAG.

    A run is triggered first. The files follow when its sensor waits for them, in two parts some seconds
    apart: the sensor must not take the first part for the whole.

    ``client``: may trigger. ``visits``: the districts. ``logs``: named in the error. ``on_end``: called with
    each visit when its run has ended.

    Raises TransientError when a run makes no progress for minutes.
    """
    for visit in visits:
        visit.parts = _in_parts(visit.files)
        conf = {"slot": visit.slot, "wait_minutes": WAIT_MINUTES}
        visit.run_id = client.trigger(visit.dag_id, conf, run_id=f"demo__{visit.slot}")
        visit.moved_at = time.monotonic()
    while pending := [visit for visit in visits if visit.state is None]:
        for visit in pending:
            _look(client, visit)
            if visit.state is not None:
                on_end(visit)
            elif time.monotonic() - visit.moved_at > _STALLED_SECONDS:
                raise _stalled(visit, logs)
        time.sleep(_POLL_SECONDS)


def _look(client: AirflowClient, visit: Visit) -> None:
    """Follow one run: say what it does, send the next files when it waits for them, see whether it ended."""
    try:
        tasks = client.task_states(visit.dag_id, visit.run_id)
        over = _may_be_over(tasks)
        state = str(client.run(visit.dag_id, visit.run_id)["state"]) if over else ""
    except TransientError:  # Airflow's supervisor starts a crashed API server again
        return
    if tasks != visit.tasks:
        visit.tasks = tasks
        visit.moved_at = time.monotonic()
    if state in FINISHED:
        visit.state = state
    elif visit.parts and tasks.get("wait") == "deferred":
        if not visit.has_sent or time.monotonic() - visit.moved_at > _PAUSE_SECONDS:
            _send(visit)
    else:
        visit.line.say(_doing(visit))


def _may_be_over(tasks: Mapping[str, str | None]) -> bool:
    return tasks.get(STEPS[-1]) in _ENDED


def _send(visit: Visit) -> None:
    from rostersync.embedded.sftp_server import upload_as_district

    part = visit.parts.pop(0)
    visit.line.say(f"uploads {len(part)} files" if len(part) > 1 else f"uploads {next(iter(part))}")
    mtime = visit.sent_at.timestamp() if visit.sent_at else None
    upload_as_district(visit.account, part, mtime=mtime)
    visit.has_sent = True
    visit.moved_at = time.monotonic()


def _in_parts(files: Mapping[str, Path]) -> list[dict[str, Path]]:
    """All but one, then that one: a file every district must send, so that the first part is not enough."""
    names = sorted(files, key=lambda name: "students" in name)
    return [{name: files[name] for name in part} for part in (names[:-1], names[-1:]) if part]


def _doing(visit: Visit) -> str:
    """What the run does now: the first step that has not ended, and what keeps it."""
    for step in STEPS:
        state = visit.tasks.get(step)
        if state in _ENDED:
            continue
        if state == "deferred":
            return f"{step}: until the files are left alone"
        return f"{step}: tries again" if state == "up_for_retry" else step
    return STEPS[-1]


def _stalled(visit: Visit, logs: Path) -> TransientError:
    return TransientError(
        "A run makes no progress",
        dag=visit.dag_id,
        slot=visit.slot,
        expected=f"a step within {_STALLED_SECONDS:.0f} s",
        found=", ".join(f"{task} {state}" for task, state in visit.tasks.items()) or "no tasks",
        next_step=f"read the logs in {logs}",
    )

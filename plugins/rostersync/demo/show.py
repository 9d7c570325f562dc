"""What the demo shows when it has been played: the runs, the notices, what was wrong, and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.table import Table
from rich.text import Text

from rostersync.embedded.stack import WAREHOUSE, Stack
from rostersync.embedded.state import write_private
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.demo.screen import Screen
    from rostersync.demo.uploads import District
    from rostersync.ledger.notices import NoticeDay

READER = "demo_reader"
MESSENGER = "demo_messenger"

CLIENT = "docs/examples/notice_client.py"


@dataclass(frozen=True)
class Played:
    """The stack, still up after the last run, today's notices, and what was not as it should be."""

    stack: Stack
    districts: Sequence[District]
    nights: Sequence[date]
    notices: Sequence[NoticeDay]
    problems: Sequence[str]

    @property
    def reader(self) -> str:
        """URL of the warehouse for who may only read."""
        return self.stack.postgres.dsn(WAREHOUSE, READER)

    @property
    def messenger(self) -> str:
        """URL of the warehouse for a program that sends notices."""
        return self.stack.postgres.dsn(WAREHOUSE, MESSENGER)


def show_results(played: Played, screen: Screen) -> None:
    """The nights, the notices, and whether all is as it should be."""
    from rostersync.engine.postgres import connect
    from rostersync.ledger.queries import newest_runs
    from rostersync.reporting.nights_table import night_table

    with connect(played.reader) as conn:
        runs = newest_runs(conn, newest=1000)
    order = [district.id for district in played.districts]
    runs = [run for run in runs if run.district in order and run.domain == Domain.CORE]
    runs.sort(key=lambda run: (order.index(run.district), run.slot, run.finished_at))
    screen.print()
    screen.print(night_table(runs))
    screen.print()
    if played.notices:
        _show_notices(played, screen)
    if not played.problems:
        screen.print(Text("Everything ended as it should.", "bold green"))
        return
    screen.print(Text("Not everything ended as it should:", "bold red"))
    for problem in played.problems:
        screen.print(f"  {problem}")


def _show_notices(played: Played, screen: Screen) -> None:
    from rostersync.reporting.notices_table import notices_view

    screen.print(notices_view(played.notices))
    first = played.notices[0]
    zone = next(d.cfg.zone for d in played.districts if d.id == first.district)
    screen.print(
        f"From {first.send_after.astimezone(zone):%H:%M} ({zone}) a program of yours takes what is pending:"
        f" docs/notices.md, {CLIENT}"
    )
    screen.print()


def show_places(played: Played, screen: Screen) -> None:
    """Where to look while it is up."""
    airflow = played.stack.airflow
    assert airflow is not None  # noqa: S101  # for the type checker
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    logins = [f"{user} / {password}" for user, password in airflow.users.items()]
    table.add_row("Airflow", airflow.url)
    for login, may in zip(logins, ("everything", "run, repair and decide", "look"), strict=True):
        table.add_row("", f"{login}  (may {may})")
    table.add_row("Decisions", f"{airflow.url}/required_actions")
    passwords = played.stack.folder / "pgpass"
    reader, messenger = _keep_passwords(passwords, [played.reader, played.messenger])
    table.add_row("Warehouse", f"PGPASSFILE={passwords} psql {reader}")
    table.add_row("Notices", f"PGPASSFILE={passwords} .venv/bin/python {CLIENT} {messenger}")
    table.add_row("Logs, archive", str(played.stack.folder))
    screen.print()
    screen.print(table)


def _keep_passwords(path: Path, urls: Sequence[str]) -> list[str]:
    """The URLs without their passwords, which go to a file: everybody can read a command line."""
    lines, places = [], []
    for url in urls:
        parts = urlsplit(url)
        lines.append(f"{parts.hostname}:{parts.port}:*:{parts.username}:{parts.password}")
        places.append(url.replace(f":{parts.password}@", "@"))
    write_private(path, "\n".join([*lines, ""]))
    return places

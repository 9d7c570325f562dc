"""`rostersync notices` and `rostersync attendance`: a day's notices, and what a person says about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rostersync.cli import options
from rostersync.cli.application import Application
from rostersync.cli.locations import open_warehouse
from rostersync.cli.output import print_json, print_view, progress

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig

F = TypeVar("F", bound=Callable[..., Any])

_DATE = click.DateTime(["%Y-%m-%d"])


def _whom(command: F) -> F:
    """``--district ID`` or ``--all``."""
    for option in (
        click.option("--all", "every", is_flag=True, help="Every district."),
        options.district_option,
    ):
        command = option(command)
    return command


@click.group("notices", cls=Application)
def notices() -> None:
    """See a day's attendance notices, stop and resume them, release one that is held."""


@notices.command("list")
@options.district_option
@click.option("--date", "day", type=_DATE, help="Which day; default: today on this machine.")
@options.warehouse_option
@options.format_option
def list_notices(
    district: str | None, day: datetime | None, warehouse: str | None, form: str
) -> int:
    """List a day's notices with the number of students. No value of a row."""
    from rostersync.pipeline.watch.notices import list_notices as read

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("read the notices")
        found = read(url, district=district, day=day.date() if day else date.today())
    if form == "json":
        print_json({"outcome": "ok", "notices": [one.to_json() for one in found]})
        return 0
    if not found:
        click.echo("No notice of this day has had a file.")
        return 0
    from rostersync.reporting.notices_table import notices_view

    print_view(notices_view(found))
    return 0


@notices.command("stop")
@_whom
@options.said
def stop(
    district: str | None,
    every: bool,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    form: str,
) -> int:
    """Send nothing any more, of one district or of all, until `resume`.

    Files are loaded and notices written as before; what is pending expires.
    """
    from rostersync.pipeline.watch.notices import stop_notices

    whom = _one_or_all(district, every, config)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("stop")
        stop_notices(url, district=whom, who=who, why=why)
    return _done("stopped", f"Stopped: no notice of {whom or 'any district'} is sent.", form)


@notices.command("resume")
@_whom
@options.said
def resume(
    district: str | None,
    every: bool,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    form: str,
) -> int:
    """Send again what is pending and has not expired."""
    from rostersync.pipeline.watch.notices import resume_notices

    whom = _one_or_all(district, every, config)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("resume")
        resume_notices(url, district=whom, who=who, why=why)
    return _done("resumed", f"Resumed: {whom or 'every district'}.", form)


@notices.command("release")
@options.one_district_option
@click.argument("notice", metavar="NOTICE")
@click.option("--date", "day", type=_DATE, help="Of which day; default: today.")
@options.said
def release(
    district: str,
    notice: str,
    day: datetime | None,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    form: str,
) -> int:
    """Let a notice go that is held because it would tell so many.

    NOTICE is its id in the district's YAML. It goes for as many students as it shows; a file that would
    tell more is held again.
    """
    from rostersync.pipeline.watch.notices import release_notice

    cfg = options.district_of(district, config)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("release")
        students = release_notice(
            url,
            district=district,
            notice=notice,
            day=_day(cfg, day),
            who=who,
            why=why,
        )
    from rostersync.reporting.words import counted

    text = f"Released: {notice}, {counted(students, 'student')}."
    return _done("released", text, form, students=students)


@click.group("attendance", cls=Application)
def attendance() -> None:
    """Say of a day what the calendar does not know."""


@attendance.command("skip")
@options.one_district_option
@click.option("--date", "day", type=_DATE, help="Which day; default: today.")
@click.option("--undo", is_flag=True, help="It is a school day after all.")
@options.said
def skip(
    district: str,
    day: datetime | None,
    undo: bool,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    form: str,
) -> int:
    """No school on this day (snow): its runs end as no_school, and nothing of it is sent any more."""
    from rostersync.pipeline.watch.notices import skip_day

    which = _day(options.district_of(district, config), day)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("skip")
        skip_day(url, district=district, day=which, who=who, why=why, undo=undo)
    text = f"{which} is a school day" if undo else f"{which} is skipped"
    return _done("unskipped" if undo else "skipped", f"{text}: {district}.", form)


def _one_or_all(district: str | None, every: bool, config: Path | None) -> str | None:
    """A district that is there, None for all: a mistyped id must not look like one that was stopped."""
    if every == (district is not None):
        raise click.UsageError("name one district (--district ID) or say --all")
    return options.district_of(district, config).id if district is not None else None


def _day(cfg: DistrictConfig, day: datetime | None) -> date:
    """The day named, else today where the district is."""
    return day.date() if day else datetime.now(cfg.zone).date()


def _done(outcome: str, text: str, form: str, **more: object) -> int:
    if form == "json":
        print_json({"outcome": outcome, **more})
    else:
        click.echo(text)
    return 0

"""`rostersync holds`: what waits for a person, and the person's decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rostersync.cli import options
from rostersync.cli.application import Application
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, print_view, progress
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.ledger.holds import OpenedHold
    from rostersync.ledger.results import RunResult
    from rostersync.pipeline.ground.run import Run

_TIMES = ("until", "decided_at")

hold_argument = click.argument("hold", metavar="HOLD")


@click.group("holds", cls=Application)
def holds() -> None:
    """See what waits for a person, and decide about it.

    HOLD is a hold's id; its first characters will do.
    """


@holds.command("list")
@options.district_option
@click.option("--all", "every", is_flag=True, help="Also those that wait no more.")
@options.warehouse_option
@options.format_option
def list_holds(district: str | None, every: bool, warehouse: str | None, form: str) -> int:
    """List the holds that wait, newest first."""
    from rostersync.engine.postgres import connect
    from rostersync.ledger.holds import find_holds

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("read the ledger")
        with connect(url) as conn:
            found = find_holds(conn, district=district, status=None if every else "open")
    if form == "json":
        print_json({"outcome": "ok", "holds": [hold.to_json() for hold in found]})
        return 0
    if not found:
        click.echo("Nothing waits for a person.")
        return 0
    from rostersync.reporting.hold_page import holds_view

    print_view(holds_view(found))
    return 0


@holds.command("show")
@hold_argument
@click.option(
    "--changes",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every row that waits into this CSV file: it holds people's data.",
)
@options.warehouse_option
@options.archive_option
@options.format_option
def show_hold(
    hold: str, changes: Path | None, warehouse: str | None, archive: str | None, form: str
) -> int:
    """Show one hold: its slices with counts and limits, and the decisions about it."""
    from rostersync.archive import Archive
    from rostersync.engine.postgres import connect
    from rostersync.ledger.holds import decisions
    from rostersync.pipeline.holds.changes import write_changes

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("read the ledger")
        with connect(url) as conn:
            found = _find(url, hold)
            about = [
                d
                for d in decisions(conn, found.district, Domain(found.domain))
                if d["hold_id"] == found.hold_id
            ]
        written = None
        if changes is not None:
            with changes.open("w", encoding="utf-8-sig", newline="") as target:
                counts = write_changes(url, Archive(archive_url(archive)), found, target)
            written = counts.total()
    if form == "json":
        said = [{**d, **{k: d[k] and d[k].isoformat() for k in _TIMES}} for d in about]
        print_json({"outcome": "ok", **found.to_json(), "decisions": said})
        return 0
    from rostersync.reporting.hold_page import hold_view

    print_view(hold_view(found, about))
    if written is not None:
        click.echo(f"{written:,} rows in {changes}")
    return 0


slice_option = click.option(
    "--slice",
    "slices",
    multiple=True,
    metavar="SLICE",
    help="Only the bundle of this slice, such as students:removed:12, or of this number; repeat it for"
    " several. Default: all.",
)


@holds.command("approve")
@hold_argument
@slice_option
@options.decision
def approve_hold(
    hold: str,
    slices: tuple[str, ...],
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Apply what waits; bundles that are not named keep the old rows.

    Naming one slice of a bundle names all of it, and the answer says which. Exit code as of sync. An older
    hold than the newest slot's cannot be approved any more.
    """
    from rostersync.cli.exits import exit_code
    from rostersync.pipeline.decisions.approve import approve
    from rostersync.pipeline.upkeep.rebuild import keep_ledger

    with progress(3) as step, open_warehouse(warehouse, step) as url:
        found = _find(url, hold)
        run = _run(found, config, archive, url)
        step("load")
        result = approve(run, found, slices=slices or None, who=who, why=why)
        keep_ledger(url, run.archive, run.district)
    _print_result(result, found, form)
    return exit_code(result)


@holds.command("discard")
@hold_argument
@slice_option
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The same slices of later slots wait for nobody up to this date, at most 60 days away.",
)
@options.decision
def discard_hold(
    hold: str,
    slices: tuple[str, ...],
    until: datetime | None,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Keep the old rows. The next upload is judged anew; bundles that are not named wait on."""
    from rostersync.pipeline.decisions.approve import discard
    from rostersync.pipeline.upkeep.rebuild import keep_ledger
    from rostersync.reporting.words import printable

    day: date | None = until.date() if until else None
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        found = _find(url, hold)
        run = _run(found, config, archive, url)
        names = discard(run, found, slices=slices or None, who=who, why=why, until=day)
        keep_ledger(url, run.archive, run.district)
    if form == "json":
        print_json({"outcome": "discarded", "hold": found.hold_id, "slices": names})
    else:
        of = f" of {printable(', '.join(names))}" if slices else ""
        click.echo(f"Discarded: {found.district} {found.slot} keeps its old rows{of}.")
    return 0


def _find(url: str, hold: str) -> OpenedHold:
    """The one hold whose id begins so."""
    from rostersync.engine.postgres import connect
    from rostersync.errors import DecisionError
    from rostersync.ledger.holds import find_holds

    with connect(url) as conn:
        found: Sequence[OpenedHold] = find_holds(conn, hold=hold) if hold.strip() else []
    if len(found) != 1:
        raise DecisionError(
            "There is no such hold" if not found else "Several holds begin so",
            expected="the id of one hold",
            found=hold or "nothing",
            next_step="rostersync holds list --all",
        )
    return found[0]


def _run(hold: OpenedHold, config: Path | None, archive: str | None, url: str) -> Run:
    from rostersync.pipeline.ground.run import new_run

    cfg = options.district_of(hold.district, config)
    return new_run(
        cfg, hold.slot, archive=archive_url(archive), warehouse=url, domain=Domain(hold.domain)
    )


def _print_result(result: RunResult, hold: OpenedHold, form: str) -> None:
    if form == "json":
        print_json(result.to_json())
        return
    from rostersync.reporting.terminal import run_view

    print_view(run_view(result, hold.district, hold.slot))

"""`rostersync status`: each district's newest runs."""

from __future__ import annotations

from dataclasses import asdict

import click

from rostersync.cli import options
from rostersync.cli.locations import open_warehouse
from rostersync.cli.output import print_json, print_view, progress


@click.command()
@options.district_option
@click.option(
    "--runs",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="How many runs of each district and domain.",
)
@options.warehouse_option
@options.format_option
def status(district: str | None, runs: int, warehouse: str | None, form: str) -> int:
    """Show each district's newest runs, and how far its warehouse has come.

    Slots that lie in the future, or are taken out, are named.
    """
    from datetime import UTC, datetime

    from rostersync.engine.postgres import connect
    from rostersync.ledger.queries import applied, future_slots, newest_runs
    from rostersync.ledger.removed import removed_slots

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("read the ledger")
        with connect(url) as conn:
            newest = newest_runs(conn, district=district, newest=runs)
            folds = applied(conn, district=district)
            future = future_slots(conn, datetime.now(UTC), district=district)
            removed = removed_slots(conn, district=district)
    if form == "json":
        print_json(
            {
                "outcome": "ok",
                "runs": [run.to_json() for run in newest],
                "applied": [fold.to_json() for fold in folds],
                "future_slots": [asdict(one) for one in future],
                "removed_slots": [one.to_json() for one in removed],
            }
        )
        return 0
    if not newest:
        click.echo(f"No run{f' of {district}' if district else ''} is in the ledger yet.")
        return 0
    from rostersync.reporting.nights_table import status_view

    print_view(status_view(newest, folds, future, removed))
    return 0

"""`rostersync alerts`: what people were alerted to, and whether they have got it."""

from __future__ import annotations

import click

from rostersync.cli import options
from rostersync.cli.locations import open_warehouse
from rostersync.cli.output import print_json, print_view, progress


@click.command()
@options.district_option
@click.option(
    "--newest", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many."
)
@options.warehouse_option
@options.format_option
def alerts(district: str | None, newest: int, warehouse: str | None, form: str) -> int:
    """List alerts, newest first: about what, and whether they were delivered (docs/alerts.md)."""
    from rostersync.pipeline.watch.alerts import list_alerts

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("read the ledger")
        found = list_alerts(url, district=district, newest=newest)
    if form == "json":
        print_json({"outcome": "ok", "alerts": [one.to_json() for one in found]})
        return 0
    if not found:
        click.echo("No alert was raised.")
        return 0
    from rostersync.reporting.alert_texts import alerts_view

    print_view(alerts_view(found))
    return 0

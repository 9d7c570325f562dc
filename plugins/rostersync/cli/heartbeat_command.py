"""`rostersync heartbeat`: whether the nights were run, for a monitor that does not depend on Airflow."""

from __future__ import annotations

import click

from rostersync.cli import options
from rostersync.cli.exits import CLEAN, KEPT_OUT
from rostersync.cli.locations import open_warehouse
from rostersync.cli.output import print_json, progress


@click.command()
@options.warehouse_option
@options.format_option
def heartbeat(warehouse: str | None, form: str) -> int:
    """Tell which districts' nights nobody ran, and when hardly any was loaded: the look of DAG heartbeat.

    And which districts have a slot in the future, before which nothing is the newest. It reads the
    districts' YAML files and the ledger, writes nothing and needs no Airflow: for cron, or a monitor on
    another machine. Exit code: 0 fine, 1 something is to be told, 3 error. See
    docs/runbooks/silent-fleet.md.
    """
    from rostersync import paths
    from rostersync.pipeline.watch.heartbeat import heartbeat as look

    with progress(2) as step, open_warehouse(warehouse, step, upgrade=False) as url:
        step("read the ledger")
        found = look(paths.districts_folder(), url)
    if form == "json":
        print_json(found.to_json())
    elif found.is_fine:
        click.echo(f"{found.districts} districts: nothing is silent.")
    else:
        click.echo("\n\n".join(f"{alert.subject}\n{alert.body}" for alert in found.alerts))
    return CLEAN if found.is_fine else KEPT_OUT

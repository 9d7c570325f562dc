"""`rostersync migrate`: the warehouse's tables at this version."""

from __future__ import annotations

import click

from rostersync.cli import options
from rostersync.cli.locations import open_warehouse
from rostersync.cli.output import print_json, progress
from rostersync.spec import ENTITIES


@click.command()
@options.warehouse_option
@options.format_option
@click.option(
    "--draft",
    "entity",
    metavar="ENTITY",
    type=click.Choice(sorted(ENTITIES)),
    help="Print what a new migration has to say of an entity, and change nothing.",
)
def migrate(warehouse: str | None, form: str, entity: str | None) -> int:
    """Bring the warehouse's tables to this version. Safe to repeat."""
    from rostersync.warehouse import draft
    from rostersync.warehouse import migrate as bring_up

    if entity:
        click.echo(draft(ENTITIES[entity]) or "-- the migrations say all of it already")
        return 0
    with progress(2) as step, open_warehouse(warehouse, step, upgrade=False) as url:
        step("migrate")
        ran = bring_up(url)
    if form == "json":
        print_json({"outcome": "migrated", "ran": ran})
        return 0
    for name in ran:
        click.echo(f"ran {name}")
    click.echo("The warehouse is at this version.")
    return 0

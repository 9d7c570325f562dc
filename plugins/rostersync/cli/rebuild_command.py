"""`rostersync backup` and `rostersync rebuild`: the warehouse from the archive alone."""

from __future__ import annotations

import click

from rostersync.cli import options
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, progress


@click.command()
@options.district_option
@options.warehouse_option
@options.archive_option
@options.format_option
def backup(district: str | None, warehouse: str | None, archive: str | None, form: str) -> int:
    """Copy the ledger into the archive: of one district, or of every one that has run.

    Each run does so for its own district; this is for decisions taken since (waivers, notices) and before an
    upgrade. The archive is then all that needs a backup of its own.
    """
    from rostersync.archive import Archive
    from rostersync.pipeline.upkeep.rebuild import districts_with_runs, keep_ledger

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        store = Archive(archive_url(archive))
        step("copy the ledger")
        ids = [district] if district else districts_with_runs(url)
        for one in ids:
            keep_ledger(url, store, one)
    if form == "json":
        print_json({"outcome": "ok", "districts": ids})
    else:
        click.echo(f"The ledger of {', '.join(ids) or 'no district'} is in the archive.")
    return 0


@click.command()
@options.district_option
@options.warehouse_option
@options.archive_option
@options.format_option
def rebuild(district: str | None, warehouse: str | None, archive: str | None, form: str) -> int:
    """Rebuild a new warehouse from the archive alone: one district, or every one the archive has.

    The warehouse is migrated and has no row of the district; the login is its owner's. Each district is one
    transaction. Exit code 1: the archive has landings that the ledger's last copy does not know; they are
    named, `rostersync replay` loads them.
    """
    from rostersync.archive import Archive
    from rostersync.pipeline.upkeep.rebuild import archived_districts
    from rostersync.pipeline.upkeep.rebuild import rebuild as run_rebuild

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        store = Archive(archive_url(archive))
        ids = [district] if district else archived_districts(store)
        done = [run_rebuild(url, store, one, on_slot=step) for one in ids]
    unknown = any(one.unknown for one in done)
    if form == "json":
        districts = [
            {"district": r.district, "slots": r.slots, "unknown": list(r.unknown)} for r in done
        ]
        print_json({"outcome": "ok" if not unknown else "incomplete", "districts": districts})
        return int(unknown)
    for one in done:
        slots = ", ".join(f"{domain} {n:,}" for domain, n in one.slots.items() if n)
        click.echo(f"{one.district}: rebuilt; slots: {slots or 'none'}")
        for landing in one.unknown:
            click.echo(f"  not in the ledger's copy: {landing}")
    if not done:
        click.echo("The archive has no copy of a ledger.")
    return int(unknown)

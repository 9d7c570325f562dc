"""`rostersync slots`: the slots of the warehouse, and a person's word that one does not count."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from rostersync.cli import options
from rostersync.cli.application import Application
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, print_view, progress
from rostersync.spec import Domain

_slot = click.argument("slot")
_dry = click.option(
    "--dry-run", "dry", is_flag=True, help="Count what would change; write nothing."
)


@click.group("slots", cls=Application)
def slots() -> None:
    """List the slots of a warehouse; take one out that nobody meant, and put it back."""


@slots.command("list")
@options.one_district_option
@options.domain_option
@click.option(
    "--newest",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="How many of those that are in the warehouse.",
)
@options.warehouse_option
@options.format_option
def list_slots(district: str, domain: str, newest: int, warehouse: str | None, form: str) -> int:
    """Show the newest slots, what each changed, and every slot that is taken out, by whom and why."""
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        from rostersync.engine.postgres import connect
        from rostersync.ledger.removed import listed_slots, removed_slots

        step("read the ledger")
        with connect(url) as conn:
            listed = listed_slots(conn, district, Domain(domain), newest=newest)
            removed = removed_slots(conn, district=district, domain=Domain(domain))
    if form == "json":
        found = [{**asdict(s), "applied_at": s.applied_at.isoformat()} for s in listed]
        print_json(
            {
                "outcome": "ok",
                "district": district,
                "domain": domain,
                "slots": found,
                "removed": [one.to_json() for one in removed],
            }
        )
        return 0
    if not listed and not removed:
        click.echo(f"No slot of {district} is in the warehouse yet.")
        return 0
    from rostersync.reporting.slots_text import slots_view

    print_view(slots_view(listed, removed))
    return 0


@slots.command("remove")
@_slot
@options.one_district_option
@options.domain_option
@_dry
@options.decision
def remove_slot(**given: Any) -> int:
    """Take SLOT out of the warehouse, as if it had never been; later slots are computed anew.

    For a slot that nobody meant: a mistyped year, another district's files. Its landings stay in the archive,
    and nothing is synced for it until it is put back. Who, when and why are kept
    (docs/runbooks/wrong-slot.md).
    """
    return _decide("remove", **given)


@slots.command("restore")
@_slot
@options.one_district_option
@options.domain_option
@_dry
@options.decision
def restore_slot(**given: Any) -> int:
    """Put SLOT back that was taken out: it is what it was, with all that was decided of it."""
    return _decide("restore", **given)


def _decide(
    action: str,
    *,
    slot: str,
    district: str,
    domain: str,
    dry: bool,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    place = archive_url(archive)
    cfg = options.district_of(district, config)
    named = options.valid_slot(Domain(domain), slot, cfg)
    with progress(3) as step, open_warehouse(warehouse, step, upgrade=not dry) as url:
        from rostersync.pipeline.decisions.slots import put_back, remove
        from rostersync.pipeline.ground.run import new_run
        from rostersync.pipeline.upkeep.rebuild import keep_ledger

        step(action)
        run = new_run(cfg, named, archive=place, warehouse=url, domain=Domain(domain))
        decide = remove if action == "remove" else put_back
        result = decide(run, who=who, why=why, dry=dry)
        if not dry:
            keep_ledger(url, run.archive, district)
    if form == "json":
        print_json({**result.to_json(), **({"dry_run": True} if dry else {})})
        return 0
    from rostersync.reporting.slots_text import decided_view

    print_view(decided_view(result, dry=dry))
    return 0

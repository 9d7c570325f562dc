"""`rostersync ids`: ids that seem damaged, and a person's word that they are meant so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rostersync.cli import options
from rostersync.cli.application import Application
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, print_view, progress
from rostersync.spec import ENTITIES, Domain

if TYPE_CHECKING:
    from rostersync.ledger.holds import OpenedHold


@click.group("ids", cls=Application)
def ids() -> None:
    """Decide about ids that equal missing ones but for leading zeros, case or a trailing .0."""


@ids.command("accept")
@options.one_district_option
@click.option(
    "--entity",
    "entities",
    multiple=True,
    metavar="ENTITY",
    type=click.Choice(list(ENTITIES)),
    help="Only ids that this entity's file asks about; repeat it for several. Default: all that wait.",
)
@options.domain_option
@options.decision
def accept(
    district: str,
    entities: tuple[str, ...],
    domain: str,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Say that the new ids which wait are meant so: they are new keys from now on, in every file.

    What is added and removed by that is judged by the limits. Which ids they are: rostersync holds show HOLD
    --changes FILE. Exit code as of sync.
    """
    place = archive_url(archive)
    cfg = options.district_of(district, config)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        from rostersync.cli.exits import exit_code
        from rostersync.pipeline.decisions.approve import approve
        from rostersync.pipeline.ground.run import new_run
        from rostersync.pipeline.upkeep.rebuild import keep_ledger
        from rostersync.reporting.terminal import run_view

        hold, slices = _waiting(url, district, Domain(domain), entities)
        run = new_run(cfg, hold.slot, archive=place, warehouse=url, domain=Domain(domain))
        step("load")
        result = approve(run, hold, slices=slices, who=who, why=why)
        keep_ledger(url, run.archive, district)
    if form == "json":
        print_json(result.to_json())
    else:
        print_view(run_view(result, district, hold.slot))
    return exit_code(result)


def _waiting(
    url: str, district: str, domain: Domain, entities: tuple[str, ...]
) -> tuple[OpenedHold, list[str]]:
    """The hold that asks about ids, and its slices that do."""
    from rostersync.engine.postgres import connect
    from rostersync.errors import DecisionError
    from rostersync.fold import IDS, slice_name
    from rostersync.ledger.holds import find_holds

    with connect(url) as conn:
        for hold in find_holds(conn, district=district, domain=domain, status="open"):
            asked = [s for s in hold.slices if s["kind"] == IDS]
            chosen = [slice_name(s) for s in asked if not entities or s["entity"] in entities]
            if chosen:
                return hold, chosen
    raise DecisionError(
        "No ids of this district wait for an answer",
        district=district,
        domain=domain,
        expected="a hold with a slice such as students:ids",
        next_step="rostersync holds list; what was discarded is asked again on the next night",
    )

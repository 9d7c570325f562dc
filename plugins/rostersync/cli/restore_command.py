"""`rostersync restore`: undo, as a person's decision."""

from __future__ import annotations

from pathlib import Path

import click

from rostersync.cli import options
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, print_view, progress
from rostersync.spec import ENTITIES, Domain


@click.command("restore")
@options.one_district_option
@click.option(
    "--to",
    metavar="SLOT",
    required=True,
    help="After which slot the state was right. The newest slot itself takes restores back.",
)
@click.option(
    "--entity",
    "entities",
    multiple=True,
    metavar="ENTITY",
    type=click.Choice(list(ENTITIES)),
    help="Only this entity, with the others of its file; repeat it for several. Default: all.",
)
@click.option(
    "--school",
    "schools",
    multiple=True,
    metavar="ID",
    help="Only this school's rows; repeat it for several. Default: all.",
)
@options.domain_option
@click.option("--dry-run", "dry", is_flag=True, help="Count what would change; write nothing.")
@options.decision
def restore(
    district: str,
    to: str,
    entities: tuple[str, ...],
    schools: tuple[str, ...],
    domain: str,
    dry: bool,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Make the newest slot's state what it was after SLOT.

    It counts as part of the newest slot: the next upload is compared with it and judged by the limits
    against it. No row is left without its parent. Who, when and why are kept (docs/runbooks/restore.md).
    """
    place = archive_url(archive)
    cfg = options.district_of(district, config)
    options.valid_slot(Domain(domain), to, cfg)
    with progress(3) as step, open_warehouse(warehouse, step, upgrade=not dry) as url:
        from rostersync.pipeline.decisions.restore import restore as put_back
        from rostersync.pipeline.ground.run import new_run
        from rostersync.pipeline.upkeep.rebuild import keep_ledger

        step("restore")
        run = new_run(cfg, to, archive=place, warehouse=url, domain=Domain(domain))
        result = put_back(
            run,
            to=to,
            entities=entities,
            schools=schools,
            who=who,
            why=why,
            dry=dry,
        )
        if not dry:
            keep_ledger(url, run.archive, district)
    if form == "json":
        print_json({**result.to_json(), **({"dry_run": True} if dry else {})})
        return 0
    from rostersync.reporting.restore_text import restore_view

    print_view(
        restore_view(result.changes, f"{district} {result.slot}", to, len(result.holds), dry=dry)
    )
    return 0

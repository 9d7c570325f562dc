"""`rostersync explain`: why a row looks as it does."""

from __future__ import annotations

import click

from rostersync.cli import options
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, print_view, progress
from rostersync.spec import ENTITIES


@click.command()
@options.one_district_option
@click.argument("entity", metavar="ENTITY", type=click.Choice(sorted(ENTITIES)))
@click.argument("key", metavar="KEY...", nargs=-1, required=True)
@click.option(
    "--values",
    is_flag=True,
    help="Show what stood in the columns, for people who may see it; else only their names.",
)
@click.option(
    "--slots",
    type=click.IntRange(0, 400),
    default=5,
    show_default=True,
    help="In how many newest slots to look for the row in quarantine and among the carried.",
)
@options.warehouse_option
@options.archive_option
@options.format_option
def explain(
    district: str,
    entity: str,
    key: tuple[str, ...],
    values: bool,
    slots: int,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Tell why a row looks as it does: each version of it, and what keeps it as it is.

    ENTITY is one kind of row, such as students or section_teachers. KEY is the row's key: its columns'
    values joined by /, or as arguments of their own. It is read with your own credentials. A row nobody
    ever sent is an answer, too.
    """
    from rostersync.archive import Archive
    from rostersync.cli.keys import key_of

    row = ENTITIES[entity]
    wanted = key_of(row, key)
    place = archive_url(archive)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        from rostersync.pipeline.upkeep.explain import explain as explain_row

        step("read the change log and the archive")
        found = explain_row(
            url,
            Archive(place),
            district=district,
            entity=row,
            key=wanted,
            slots=slots,
            values=values,
        )
    if form == "json":
        print_json({**found.to_json(), "key_columns": list(row.key)})
    else:
        from rostersync.reporting.explain_text import explain_view

        print_view(explain_view(found))
    return 0

"""`rostersync data-docs`: what every rule found in an upload, as pages."""

from __future__ import annotations

from pathlib import Path

import click

from rostersync.cli import options
from rostersync.cli.locations import archive_url
from rostersync.cli.output import print_json, progress
from rostersync.spec import Domain


@click.command("data-docs")
@options.one_district_option
@options.slot_option
@options.domain_option
@click.option(
    "--landing",
    metavar="N",
    type=click.IntRange(min=1),
    help="Which upload of the slot; default: the newest that was validated.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    callback=options.writable,
    help="Write the pages here, to open or send them; it is created. Default: into the archive, where"
    " Airflow shows them.",
)
@options.own_config_option
@options.archive_option
@options.format_option
def data_docs(
    district: str,
    slot: str,
    domain: str,
    landing: int | None,
    out: Path | None,
    config: Path | None,
    archive: str | None,
    form: str,
) -> int:
    """Build the Data Docs of a slot that was validated: what every rule found, without a record's value.

    Nothing is validated again. The pages need neither a server nor the internet (docs/data-docs.md).
    """
    from rostersync.archive import Archive, Layout

    known = Domain(domain)
    named = options.valid_slot(known, slot, options.district_of(district, config))
    place = Archive(archive_url(archive))
    with progress(1) as step:
        step("build the pages")
        from rostersync.pipeline.upkeep.data_docs import (
            build_data_docs,
            export_data_docs,
            find_validation,
        )

        found = find_validation(place, Layout(district, known, named), landing=landing)
        index = (
            export_data_docs(found, out) if out else place.path(build_data_docs(found, again=True))
        )
    if form == "json":
        print_json({"outcome": "built", "landing": found.landing, "index": str(index)})
    else:
        click.echo(index)
    return 0

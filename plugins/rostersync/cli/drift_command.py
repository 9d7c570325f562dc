"""`rostersync drift`: whether the warehouse's tables are what was loaded."""

from __future__ import annotations

import click

from rostersync.cli import options
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.output import print_json, print_view, progress
from rostersync.spec import Domain


@click.command()
@options.one_district_option
@options.every_domain_option
@click.option("--full", is_flag=True, help="Compare every row with the archive; else count them.")
@click.option(
    "--repair",
    is_flag=True,
    help="Compare every row, and make those that differ what the change log says.",
)
@options.warehouse_option
@options.archive_option
@options.format_option
def drift(
    district: str,
    domain: str | None,
    full: bool,
    repair: bool,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Tell whether the warehouse's tables still are what was loaded. Counts only, no value of a row.

    Exit code: 0 they are, or were repaired; 1 they are not; 3 error, also when the change log is damaged
    too: then nothing is written.
    """
    from rostersync.archive import Archive

    place = Archive(archive_url(archive))
    domains = [Domain(domain)] if domain else [d for d in Domain if d is not Domain.ALL]
    with progress(len(domains) + 1) as step, open_warehouse(warehouse, step) as url:
        from rostersync.pipeline.watch.drift import find_drift, repair_drift

        found = []
        for one in domains:
            step(one)
            if repair:
                found.append(repair_drift(url, place, district=district, domain=one))
            else:
                found.append(find_drift(url, place, district=district, domain=one, full=full))
    is_left = any(d.found and not d.is_repaired for d in found)
    if form == "json":
        outcome = "drift" if is_left else "repaired" if any(d.found for d in found) else "clean"
        shown = {d.domain: d.to_json() for d in found}
        print_json({"outcome": outcome, "district": district, "domains": shown})
    else:
        from rostersync.reporting.drift_text import drift_view

        print_view(drift_view(district, found))
    return int(is_left)

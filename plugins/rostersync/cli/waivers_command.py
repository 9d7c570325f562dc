"""`rostersync waivers`: rules that are accepted for a district until a date."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import click

from rostersync.cli import options
from rostersync.cli.application import Application
from rostersync.cli.locations import open_warehouse
from rostersync.cli.output import print_json, print_view, progress

rule_option = click.option(
    "--rule", metavar="RULE", required=True, help="As reports name it: parents.email.valid."
)
until_option = click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day it holds, in the district's time zone; at most a year off.",
)


@click.group("waivers", cls=Application)
def waivers() -> None:
    """Accept what a rule finds in a district's files, until a date.

    Its findings count neither for alerts nor for holds. No record loads by a waiver, reports go on
    telling what was found, and it expires by itself (docs/runbooks/waivers.md).
    """


@waivers.command("list")
@options.district_option
@click.option("--all", "every", is_flag=True, help="Also those that ended or expired.")
@options.warehouse_option
@options.format_option
def list_waivers(district: str | None, every: bool, warehouse: str | None, form: str) -> int:
    """List waivers, newest first, until their date has passed wherever a district may be."""
    from rostersync.engine.postgres import connect
    from rostersync.ledger.waivers import find_waivers

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("read the ledger")
        today = datetime.now(timezone(timedelta(hours=-12))).date()
        with connect(url) as conn:
            found = find_waivers(conn, district, day=None if every else today)
    if form == "json":
        shown = [{**w.to_json(), "status": w.status(today)} for w in found]
        print_json({"outcome": "ok", "waivers": shown})
        return 0
    if not found:
        click.echo("No rule is waived.")
        return 0
    from rostersync.reporting.waivers_table import waivers_view

    print_view(waivers_view(found, today))
    return 0


@waivers.command("add")
@options.one_district_option
@rule_option
@until_option
@options.said
def add(
    district: str,
    rule: str,
    until: datetime,
    why: str,
    who: str,
    config: Path | None,
    warehouse: str | None,
    form: str,
) -> int:
    """Accept a rule for a district. One that is in force already is replaced."""
    from rostersync import paths
    from rostersync.pipeline.decisions.waivers import add_waiver
    from rostersync.pipeline.ground.run import Inputs
    from rostersync.validation import load_suites

    cfg = options.district_of(district, config)
    inputs = Inputs(cfg, load_suites(paths.expectations_folder()))
    day = until.date()
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("write the ledger")
        add_waiver(url, inputs, rule=rule, until=day, who=who, why=why)
    if form == "json":
        print_json(
            {"outcome": "added", "district": district, "rule": rule, "until": day.isoformat()}
        )
    else:
        click.echo(f"{district}: {rule} is accepted until {day}.")
    return 0


@waivers.command("end")
@options.one_district_option
@rule_option
@options.reason_option
@options.by_option
@options.warehouse_option
@options.format_option
def end(district: str, rule: str, why: str, who: str, warehouse: str | None, form: str) -> int:
    """End a waiver before its date."""
    from rostersync.pipeline.decisions.waivers import end_waiver

    with progress(2) as step, open_warehouse(warehouse, step) as url:
        step("write the ledger")
        end_waiver(url, district, rule=rule, who=who, why=why)
    if form == "json":
        print_json({"outcome": "ended", "district": district, "rule": rule})
    else:
        click.echo(f"{district}: {rule} counts again.")
    return 0

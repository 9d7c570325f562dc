"""The commands: those of an upload here, the others in files of their own.

Each returns its exit code; what they need is imported when they run, so help is quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rostersync.cli import options
from rostersync.cli.alerts_command import alerts
from rostersync.cli.application import Application
from rostersync.cli.data_docs_command import data_docs
from rostersync.cli.drift_command import drift
from rostersync.cli.explain_command import explain
from rostersync.cli.generate_command import generate
from rostersync.cli.heartbeat_command import heartbeat
from rostersync.cli.holds_command import holds
from rostersync.cli.ids_command import ids
from rostersync.cli.locations import archive_url, open_warehouse
from rostersync.cli.migrate_command import migrate
from rostersync.cli.notices_command import attendance, notices
from rostersync.cli.output import print_json, print_view, progress
from rostersync.cli.rebuild_command import backup, rebuild
from rostersync.cli.restore_command import restore
from rostersync.cli.shards_command import shards
from rostersync.cli.slots_command import slots as slots_group
from rostersync.cli.status_command import status
from rostersync.cli.waivers_command import waivers
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.ledger.results import RunResult
    from rostersync.ledger.waivers import Waiver
    from rostersync.pipeline.ground.run import Run

_SYNC_STEPS = 6  # with the start of the embedded Postgres
_CHECK_STEPS = 4
_EPILOG = "Exit codes: 0 clean, 1 something kept out, 2 nothing loaded, 3 usage or internal error."


@click.group(
    "rostersync",
    cls=Application,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="rostersync", message="%(prog)s %(version)s")
def main() -> None:
    """Receive school districts' SIS exports and keep a warehouse true to them."""


@main.command()
@options.upload_argument
@options.config_option(
    required=False, help_text="The district's configuration; default: no maps, no renamed files."
)
@options.checked_domain_option
@options.report_option
@options.format_option
def check(
    folder: Path, config: Path | None, domain: str | None, report: Path | None, form: str
) -> int:
    """Validate the upload in FOLDER: no warehouse, no network, nothing kept but the report asked for.

    References are looked for inside the folder only. Exit code: 0 clean or warnings only, 1 records
    would be quarantined, 2 a required file or the whole upload would be rejected, 3 usage or
    internal error.
    """
    from rostersync import paths
    from rostersync.cli.exits import exit_code
    from rostersync.config import DistrictConfig
    from rostersync.reporting.words import faults

    if report is not None and report.resolve() == folder.resolve():
        raise click.BadParameter("it cannot be the upload's own folder", param_hint="--report")
    with progress(_CHECK_STEPS) as step:
        step("read the rules")
        from rostersync.pipeline.steps.sync import check_folder
        from rostersync.validation import load_suites

        plain = {"id": "check", "name": "check", "timezone": "UTC"}
        cfg = options.configured(config) if config else DistrictConfig.model_validate(plain)
        suites = load_suites(paths.expectations_folder())
        files = Domain(domain or Domain.ALL)
        result = check_folder(
            cfg,
            suites,
            folder,
            domain=files,
            report=report,
            is_configured=config is not None,
            on_step=step,
        )
    if not result.outcome.is_success:
        result = replace(result, message=faults(result))
    if form == "json":
        print_json(result.to_json())
    else:
        from rostersync.reporting.district_report import ERRORS, PAGE
        from rostersync.reporting.terminal import check_view

        print_view(check_view(result))
        if report is not None:
            click.echo(f"For the district: {report / PAGE}, {report / ERRORS}")
    return exit_code(result)


@main.command()
@options.upload_argument
@options.config_option(required=True, help_text="The district's configuration.")
@options.slot_option
@options.domain_option
@click.option(
    "--dry-run",
    "dry",
    is_flag=True,
    help="Tell what would change in today's warehouse, and write nothing to it or the archive.",
)
@options.warehouse_option
@options.archive_option
@options.format_option
def sync(
    folder: Path,
    config: Path,
    slot: str,
    domain: str,
    dry: bool,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Land the upload in FOLDER, validate it and load it: a whole run without Airflow.

    Safe to repeat: the same bytes for the same slot change nothing. A slot that comes late, or is
    repaired, recomputes the slots after it. Exit code: 0 loaded or identical, 1 loaded with records
    quarantined or changes held, 2 nothing loaded (rejected or missing), 3 error.
    """
    from rostersync.cli.exits import exit_code

    with progress(_SYNC_STEPS) as step:
        run = _run(config, slot, domain, archive)
        with open_warehouse(warehouse, step, upgrade=not dry) as url:
            from rostersync.pipeline.decisions.waivers import waivers_of
            from rostersync.pipeline.steps.dry_run import dry_run
            from rostersync.pipeline.steps.sync import sync_folder
            from rostersync.pipeline.upkeep.rebuild import keep_ledger

            whole = dry_run if dry else sync_folder
            run = replace(run, warehouse=url)
            result = whole(run, folder, on_step=step)
            waived = waivers_of(run)
            if not dry:
                keep_ledger(url, run.archive, run.district)
    _print_result(run, result, form, dry=dry, waived=waived)
    return exit_code(result)


@main.command()
@options.upload_argument
@options.config_option(required=True, help_text="The district's configuration.")
@options.slot_option
@options.domain_option
@options.warehouse_option
@options.archive_option
@options.format_option
def land(
    folder: Path,
    config: Path,
    slot: str,
    domain: str,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Put the upload in FOLDER into the archive, as the slot's newest landing; load nothing.

    For a resent upload whose night the district's DAG is to run again. The slot's newest landing
    stays when it holds the same bytes.
    """
    run = _run(config, slot, domain, archive)
    with progress(2) as step, open_warehouse(warehouse, step) as url:
        from rostersync.pipeline.steps.land import land_folder

        step("copy the files")
        landing = land_folder(replace(run, warehouse=url), folder)
        manifest = run.archive.read_json(run.layout.manifest(landing))
    if form == "json":
        files = {f"{f['name']}.csv": f for f in manifest["files"]}
        print_json({"outcome": "landed", **manifest, "landing": landing, "files": files})
    else:
        from rostersync.reporting.words import counted, printable

        click.echo(
            f"{run.district} {run.slot}: landing {landing},"
            f" {counted(len(manifest['files']), 'file')} in the archive."
        )
        for name in manifest["ignored"]:
            click.echo(f"  not taken: {printable(name)}")
    return 0


@main.command()
@options.one_district_option
@click.option("--from", "from_slot", metavar="SLOT", help="The first slot; default: all.")
@click.option(
    "--revalidate",
    is_flag=True,
    help="Judge by today's suites and configuration, not by those each slot was loaded with.",
)
@options.config_option(
    required=False, help_text="The district's configuration; default include/districts/ID.yaml."
)
@options.domain_option
@options.warehouse_option
@options.archive_option
@options.format_option
def replay(
    district: str,
    from_slot: str | None,
    revalidate: bool,
    config: Path | None,
    domain: str,
    warehouse: str | None,
    archive: str | None,
    form: str,
) -> int:
    """Run a district's archived slots again, in order.

    Slots that are in the warehouse keep their landing; the others take their newest one that can be
    used. Exit code: that of the slot that fared worst, as of sync.
    """
    from rostersync import paths
    from rostersync.cli.exits import exit_code
    from rostersync.errors import ArchiveError, ConfigError

    path = config or paths.districts_folder() / f"{district}.yaml"
    run = _run(path, None, domain, archive)
    if run.district != district:
        raise ConfigError(
            "The configuration is another district's", expected=district, found=run.district
        )
    if from_slot is not None:
        options.valid_slot(run.domain, from_slot, run.cfg)
    from rostersync.pipeline.steps.sync import archived_slots
    from rostersync.pipeline.steps.sync import replay as replay_slots
    from rostersync.pipeline.upkeep.rebuild import keep_ledger

    slots = [s for s in archived_slots(run) if from_slot is None or s >= from_slot]
    if not slots:
        raise ArchiveError(
            "The archive holds no landing to replay",
            district=district,
            slots=f"from {from_slot}" if from_slot else None,
            archive=run.archive.url,
            next_step="run `rostersync sync` or `rostersync land` for a slot first",
        )
    with progress(len(slots) + 1) as step, open_warehouse(warehouse, step) as url:
        step(slots[0])
        results = replay_slots(
            replace(run, warehouse=url),
            from_slot=from_slot,
            revalidate=revalidate,
            on_slot=lambda slot, _: step(f"after {slot}"),
        )
        keep_ledger(url, run.archive, district)
    if form == "json":
        by_slot = {slot: result.to_json() for slot, result in results.items()}
        print_json({"outcome": "replayed", "district": district, "slots": by_slot})
    else:
        from rostersync.reporting import summary_line

        for slot, result in results.items():
            click.echo(summary_line(result, district, slot))
            if not result.outcome.is_success and result.message:
                click.echo(f"  {result.message}")
    return max((exit_code(result) for result in results.values()), default=0)


for _command in (
    alerts,
    attendance,
    backup,
    data_docs,
    drift,
    explain,
    generate,
    heartbeat,
    holds,
    migrate,
    notices,
    rebuild,
    ids,
    restore,
    shards,
    slots_group,
    status,
    waivers,
):
    main.add_command(_command)


def _run(config: Path, slot: str | None, domain: str, archive: str | None) -> Run:
    """A run without its warehouse yet. Raises ConfigError, SlotError, SuiteError before anything starts."""
    known = Domain(domain)
    cfg = options.configured(config)
    named = options.slot_to_sync(known, slot, cfg) if slot is not None else ""
    place = archive_url(archive)

    from rostersync.pipeline.ground.run import new_run

    return new_run(cfg, named, archive=place, warehouse="", domain=known)


def _print_result(
    run: Run, result: RunResult, form: str, *, dry: bool, waived: Mapping[str, Waiver]
) -> None:
    if form == "json":
        print_json({**result.to_json(waived), **({"dry_run": True} if dry else {})})
        return
    from rostersync.reporting.terminal import run_view

    print_view(run_view(result, run.district, run.slot, dry=dry, waived=waived))

"""Options that several commands share, and the values they stand for."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig

F = TypeVar("F", bound=Callable[..., Any])

upload_argument = click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text for people; json prints one object on stdout and nothing else.",
)
_DOMAINS = click.Choice([str(d) for d in Domain if d is not Domain.ALL])
domain_option = click.option(
    "--domain",
    type=_DOMAINS,
    default="core",
    show_default=True,
    help="Which files sync together.",
)
checked_domain_option = click.option(
    "--domain", type=_DOMAINS, help="Only the files that sync together; default: every known file."
)
every_domain_option = click.option(
    "--domain", type=_DOMAINS, help="Only what syncs together; default: every domain."
)
slot_option = click.option(
    "--slot",
    required=True,
    help="What the sync is for: the night's local date, YYYY-MM-DD (attendance: YYYY-MM-DDTHH:MM).",
)
district_option = click.option("--district", "-d", metavar="ID", help="Only this district.")
one_district_option = click.option(
    "--district", "-d", metavar="ID", required=True, help="The district."
)
warehouse_option = click.option(
    "--warehouse",
    metavar="URL",
    help="postgresql://user@host:port/database; default ROSTERSYNC_WAREHOUSE, else the file that"
    " ROSTERSYNC_WAREHOUSE_FILE names, else the project's embedded Postgres, started for the command. A"
    " password is safer there: everybody on the machine can read a command line.",
)
archive_option = click.option(
    "--archive",
    metavar="URL",
    help="A folder or object storage; default ROSTERSYNC_ARCHIVE, else the project's .local/archive.",
)


def writable(
    _context: click.Context, _parameter: click.Parameter, folder: Path | None
) -> Path | None:
    """The folder, created: a folder that cannot be written is an error before the check, not after it."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.BadParameter(f"{folder} cannot be written: {error.strerror}") from None
    return folder


report_option = click.option(
    "--report",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    callback=writable,
    help="Write errors.csv and report.html, for the district, into this folder; it is created, and"
    " earlier reports in it are replaced.",
)


def config_option(*, required: bool, help_text: str) -> Callable[[F], F]:
    """``--config DISTRICT.yaml``."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option(
        "--config", metavar="DISTRICT.yaml", type=path, required=required, help=help_text
    )


def _words(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """What the ledger keeps for good says something."""
    if value is not None and not value.strip():
        raise click.BadParameter("say something")
    return value.strip() if value else value


by_option = click.option(
    "--by",
    "who",
    metavar="NAME",
    default=getpass.getuser,
    callback=_words,
    help="Who decides; default: the user's name.",
)
reason_option = click.option(
    "--reason", "why", required=True, callback=_words, help="Why; it is kept in the ledger."
)


own_config_option = config_option(
    required=False, help_text="The district's configuration; default include/districts/ID.yaml."
)


def said(command: F) -> F:
    """The options of what a person says: why, by whom, and where."""
    for option in (format_option, warehouse_option, own_config_option, by_option, reason_option):
        command = option(command)
    return command


def decision(command: F) -> F:
    """The options of a decision that moves rows: those of what a person says, and the archive."""
    return said(archive_option(command))


def district_of(district: str, config: Path | None) -> DistrictConfig:
    """The configuration named, else the district's own. Raises ConfigError when it is another district's."""
    from rostersync import paths
    from rostersync.errors import ConfigError

    cfg = configured(config or paths.districts_folder() / f"{district}.yaml")
    if cfg.id != district:
        raise ConfigError(
            "The configuration is another district's", expected=district, found=cfg.id
        )
    return cfg


def configured(path: Path) -> DistrictConfig:
    """The configuration in a file. Raises ConfigError with every mistake, those of its rules too."""
    from rostersync import paths
    from rostersync.config import load_district
    from rostersync.validation import rule_lint

    return load_district(path, rules=rule_lint(paths.expectations_folder()))


def valid_slot(domain: Domain, slot: str, cfg: DistrictConfig) -> str:
    """The slot when it is one of the domain's, whenever it is. Raises SlotError."""
    from rostersync.config import read_slot

    if not slot.strip():
        raise click.BadParameter("a slot cannot be empty", param_hint="--slot")
    return read_slot(domain, slot, cfg)


def slot_to_sync(domain: Domain, slot: str, cfg: DistrictConfig) -> str:
    """As :func:`valid_slot`; not one that lies in the future."""
    from datetime import UTC, datetime

    from rostersync.config import refuse_future

    named = valid_slot(domain, slot, cfg)
    refuse_future(cfg, domain, named, datetime.now(UTC))
    return named

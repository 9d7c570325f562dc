"""`rostersync shards`: the DAG files of a fleet that is too big for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rostersync.cli import options
from rostersync.cli.exits import CLEAN, KEPT_OUT
from rostersync.cli.output import print_json
from rostersync.errors import ConfigError

_COUNTS = click.Choice([str(2**n) for n in range(8)])


@click.command()
@click.option(
    "--count",
    type=_COUNTS,
    help="How many files; default: as many as are there, or as are needed if that is more. 1: none.",
)
@click.option(
    "--check", "only_look", is_flag=True, help="Write nothing; exit code 1: more are needed."
)
@click.option(
    "--dags",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the DAG files; default: the project's.",
)
@options.format_option
def shards(count: str | None, only_look: bool, dags: Path | None, form: str) -> int:
    """Write one DAG file for every 50 districts or so, and tell how many each builds.

    Up to 50 districts need none. Run it again after adding districts; those that are there stay in their file
    unless the number of files changes. Disabled districts count. See docs/operations.md.
    """
    from rostersync import paths
    from rostersync.config import (
        district_files,
        districts_per_shard,
        shards_in_force,
        shards_needed,
        write_shards,
    )

    folder = dags or paths.home() / "dags"
    source = paths.districts_folder()
    if not source.is_dir():
        raise ConfigError("The folder of district configurations does not exist", folder=source)
    districts = [path.stem for path in district_files(source)]
    needed = shards_needed(len(districts))
    there = shards_in_force(folder)
    if not only_look:
        wanted = int(count) if count else max(needed, there)
        write_shards(folder, wanted)
        there = wanted
    shared = districts_per_shard(districts, there) if there > 1 else {}
    short = there < needed
    if form == "json":
        document: dict[str, Any] = {"outcome": "short" if short else "ok"}
        document |= {"districts": len(districts), "count": there, "needed": needed}
        print_json({**document, "shards": shared})
    else:
        click.echo("\n".join(_lines(len(districts), there, needed, shared)))
    return KEPT_OUT if only_look and short else CLEAN


def _lines(districts: int, there: int, needed: int, shared: dict[str, int]) -> list[str]:
    lines = [f"{name}  {found:4} districts" for name, found in shared.items()]
    if there > 1:
        lines.append(f"{districts} districts in {there} files")
    else:
        lines.append(f"{districts} districts in core.py, terms.py and attendance.py: no shards")
    if there < needed:
        lines.append(f"{needed} files are needed: run `rostersync shards`")
    return lines

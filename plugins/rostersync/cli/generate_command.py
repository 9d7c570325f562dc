"""`rostersync generate`: a made-up district's uploads."""

from __future__ import annotations

from pathlib import Path

import click

from rostersync.cli import options
from rostersync.cli.output import print_json, progress


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--students", type=click.IntRange(50, 5_000_000), required=True, help="How many.")
@click.option(
    "--seed",
    type=click.IntRange(0, 1_000_000),
    default=1,
    show_default=True,
    help="Which made-up district.",
)
@click.option(
    "--nights", type=click.IntRange(1, 400), default=1, show_default=True, help="How many uploads."
)
@click.option(
    "--churn",
    metavar="PCT",
    type=click.FloatRange(0, 60),
    default=1.5,
    show_default=True,
    help="Percent of the rows that differ from one night to the next.",
)
@options.config_option(
    required=False, help_text="Write files as this district would: names, headers, words."
)
@options.format_option
def generate(
    out: Path,
    students: int,
    seed: int,
    nights: int,
    churn: float,
    config: Path | None,
    form: str,
) -> int:
    """Write a made-up district's uploads: OUT/night-1, OUT/night-2, ...

    The same options give the same bytes. From the second night on each upload holds a handful of
    bad records, listed in the night-N.expected.json beside it.
    """
    from rostersync.config import load_district
    from rostersync.synthetic.generate import CORE_FILES
    from rostersync.synthetic.generate import generate as write

    cfg = load_district(config) if config else None
    with progress(nights * len(CORE_FILES)) as step:
        folders = write(
            out,
            students=students,
            seed=seed,
            nights=nights,
            churn=churn,
            cfg=cfg,
            on_progress=lambda night, file, _: step(f"night {night}: {file}.csv"),
        )
    if form == "json":
        print_json({"outcome": "generated", "folders": [str(folder) for folder in folders]})
    else:
        for folder in folders:
            click.echo(folder)
    return 0

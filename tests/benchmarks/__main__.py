"""`make bench`: generates districts, times each step of two slots beside the floor, writes the table.

Each step runs in a process of its own, so its peak memory is its own. Ratios, since machines differ.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from rostersync import paths
from tests.benchmarks import nights, school_day, small
from tests.benchmarks.measured import FLOOR, PIPELINE
from tests.support.postgres import temporary_postgres


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[55_000, 1_200_000])
    parser.add_argument("--churn", type=float, default=1.0, help="percent, of night 2")
    parser.add_argument("--attendance", action="store_true", help="a school day, no nights")
    parser.add_argument(
        "--small", action="store_true", help="CPU seconds of small districts' nights"
    )
    parser.add_argument("--students", type=int, nargs="+", help="of --attendance and --small")
    parser.add_argument("--write", action="store_true", help="write its part of docs/benchmarks.md")
    options = parser.parse_args()
    sizes = options.rows
    if options.attendance or options.small:
        sizes = options.students or ([120, 5_000] if options.small else [1_000_000])
    steps = 2 if options.small else 1 + 2 * len(PIPELINE + FLOOR)
    with temporary_postgres() as server, Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("benchmark", total=len(sizes) * steps)

        def on_step(text: str) -> None:
            progress.update(bar, advance=1, description=text)

        if options.attendance:
            days = {n: school_day.district(server, n, on_step) for n in sizes}
            lines = list(school_day.page(days))
        elif options.small:
            lines = list(small.page({n: small.district(server, n, on_step) for n in sizes}))
        else:
            measured = {n: nights.district(server, n, options.churn, on_step) for n in sizes}
            lines = list(nights.page(measured, options.churn))
    print("\n".join(lines))
    if options.write:
        _write(paths.home() / "docs" / "benchmarks.md", lines)


def _write(page: Path, lines: list[str]) -> None:
    """Put the lines in the place of the part of the page that has their heading; the other parts stay."""
    parts: dict[str, list[str]] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            parts[line] = []
        parts[list(parts)[-1]].append(line)
    parts[lines[0]] = lines
    text = "\n\n".join("\n".join(part).strip() for part in parts.values())
    page.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

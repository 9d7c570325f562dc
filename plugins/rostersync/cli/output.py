"""What a command prints: its result on stdout, progress on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

Step = Callable[[str], None]

_WIDTH = 120  # of what is not a terminal: a file, a pipe


def print_json(document: Any) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(document, indent=2))


def print_view(view: RenderableType) -> None:
    """A rich renderable on stdout."""
    from rich.console import Console

    console = Console(file=sys.stdout, markup=False, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    console.print(view)


@contextlib.contextmanager
def progress(total: int) -> Iterator[Step]:
    """A progress bar of ``total`` steps on a terminal's stderr; tell it the name of each as it begins.

    What libraries print meanwhile goes to stderr too: stdout holds the result and nothing else.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
    )
    with (
        contextlib.redirect_stdout(sys.stderr),
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        task = bar.add_task("start", total=total)
        begun: list[str] = []

        def step(name: str) -> None:
            bar.update(task, description=name, completed=len(begun))
            begun.append(name)

        yield step

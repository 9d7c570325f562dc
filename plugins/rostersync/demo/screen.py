"""What a person sees while the demo works: steps with their seconds, live on a terminal, else as lines."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

_WIDTH = 132  # of what is not a terminal: a file, a pipe
_INDENT = "  "
_NAME_WIDTH = 56
_SECONDS_WIDTH = 7
_PLAIN_SECONDS = 2.0  # where lines cannot be overwritten, what passes sooner is not worth one

Say = Callable[[str], None]


class Line:
    """One line of work. :meth:`say` what happens in it, then :meth:`end` it."""

    def __init__(self, name: str, screen: Screen, bar: Progress | None) -> None:
        self.name = name
        self._screen = screen
        self._bar = bar
        self._began = self._printed_at = time.monotonic()
        self._task = None if bar is None else bar.add_task(name, total=1, detail="", good=True)
        self._said = ""

    def say(self, detail: str) -> None:
        """Show what it does now."""
        if detail == self._said:
            return
        self._said = detail
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, detail=detail)
        elif time.monotonic() - self._printed_at > _PLAIN_SECONDS:
            self._printed_at = time.monotonic()
            self._screen.print(f"{_INDENT * 2}{self.name.strip()}: {detail}")

    def end(self, detail: str | None = None, *, good: bool = True) -> None:
        """Stop its clock."""
        if self._bar is not None and self._task is not None:
            shown = self._said if detail is None else detail
            self._bar.update(self._task, completed=1, detail=shown, good=good)
            return
        seconds = time.monotonic() - self._began
        text = f"{_INDENT}{_mark(good)} {self.name}  {seconds:5.1f} s"
        self._screen.print(f"{text} {detail}" if detail else text)


class Screen:
    """Where the demo shows its progress and its result."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, markup=False)
        self._now: Line | None = None
        if not self._console.is_terminal:
            self._console.width = max(self._console.width, _WIDTH)

    def print(self, what: RenderableType = "") -> None:
        """A line or a table, below all that was shown."""
        self._console.print(what)

    def title(self, text: str) -> None:
        """Head what follows."""
        self.print()
        self.print(Text(text, "bold"))

    def say(self, detail: str) -> None:
        """Show what happens, beside the step that goes on if there is one; from any thread."""
        line = self._now
        if line is not None:
            line.say(detail)
        else:
            self.print(f"{_INDENT}{detail}")

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Say]:
        """One piece of work; what is said meanwhile stands beside it."""
        with self.lines([f"{name:<{_NAME_WIDTH}}"]) as (line,):
            self._now = line
            try:
                yield line.say
            except BaseException:
                line.end(good=False)
                raise
            finally:
                self._now = None
            line.end("")

    @contextlib.contextmanager
    def lines(self, names: Sequence[str]) -> Iterator[list[Line]]:
        """Pieces of work that go on side by side."""
        width = max(len(name) for name in names)
        if not self._console.is_terminal:
            yield [Line(f"{name:<{width}}", self, None) for name in names]
            return
        columns = (
            TextColumn(_INDENT[:-1]),
            _Mark(table_column=Column(min_width=1)),
            TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(min_width=width, no_wrap=True),
            ),
            _Seconds(table_column=Column(min_width=_SECONDS_WIDTH, no_wrap=True)),
            TextColumn(  # gives way on a narrow terminal
                "{task.fields[detail]}",
                markup=False,
                style="dim",
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
        )
        with Progress(*columns, console=self._console, refresh_per_second=8, expand=True) as bar:
            yield [Line(name, self, bar) for name in names]


def _mark(good: bool) -> str:
    return "✓" if good else "✗"


class _Mark(SpinnerColumn):
    """A spinner, then whether it went well."""

    def render(self, task: Task) -> RenderableType:
        if not task.finished:
            return super().render(task)
        good = bool(task.fields["good"])
        return Text(_mark(good), "green" if good else "bold red")


class _Seconds(ProgressColumn):
    max_refresh = 0.1

    def render(self, task: Task) -> Text:
        seconds = task.finished_time if task.finished else task.elapsed
        return Text(f"{seconds or 0:5.1f} s", "cyan")

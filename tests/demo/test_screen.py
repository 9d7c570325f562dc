"""What the demo shows: on a terminal of any width, and as plain lines."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from rostersync.demo.screen import Screen


def screen(*, width: int = 80, terminal: bool) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=terminal, color_system=None, markup=False
    )
    return Screen(console), out


@pytest.mark.parametrize("terminal", [True, False])
def test_a_step_that_ends_shows_its_name_and_seconds(terminal):
    shown, out = screen(terminal=terminal)
    with shown.step("Postgres") as say:
        say("starts")
    last = [line for line in out.getvalue().splitlines() if "✓" in line][-1]
    assert re.search(r"✓ Postgres +\d+\.\d s", last)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_step_that_fails_is_marked(terminal):
    shown, out = screen(terminal=terminal)
    with pytest.raises(OSError, match="full"), shown.step("Postgres"):
        raise OSError("disk full")
    assert "✗" in out.getvalue()
    assert "✓" not in out.getvalue()


def test_names_and_endings_are_whole_on_a_narrow_terminal():
    shown, out = screen(width=80, terminal=True)
    name = "Airflow: scheduler, DAG processor, triggerer, API server"
    with shown.step(name) as say:
        say("a detail that gives way, since there is no room for it beside so long a name")
    with shown.lines(["springfield", "lakeside"]) as (one, two):
        one.end("loaded: 1,022,631 records, 1,557 in quarantine")
        two.end("rejected: nothing loaded", good=False)
    text = out.getvalue()
    assert f"✓ {name}" in text
    assert "s loaded: 1,022,631 records, 1,557 in quarantine" in text
    assert "✗ lakeside" in text


def test_what_another_thread_says_is_shown_even_between_steps():
    shown, out = screen(terminal=False)
    shown.say("scheduler ended with 1: again in 1 s")
    assert "scheduler ended with 1" in out.getvalue()

from __future__ import annotations

from rostersync import paths
from rostersync.cli import main
from rostersync.pages.cli_page import PAGE, page


def test_the_page_is_what_the_commands_say():
    assert (paths.home() / PAGE).read_text(encoding="utf-8") == page(), (
        "docs/cli.md is stale: run `make docs`"
    )


def test_every_command_and_option_has_its_place():
    text = page()
    for name, command in main.commands.items():
        section = text.split(f"\n### {name}\n")[1].split("\n### ")[0]
        for parameter in command.params:
            for option in (o for o in parameter.opts if o.startswith("--")):
                assert f"{option} " in section or f"{option}`" in section, (name, option)

"""One number: the package's, the command's, the images' and the changelog's."""

from __future__ import annotations

import re
import tomllib

from click.testing import CliRunner

from rostersync import paths
from rostersync.cli import main
from tests.production.compose import compose

VERSION = tomllib.loads((paths.home() / "pyproject.toml").read_text())["project"]["version"]


def test_the_command_says_the_packages_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"rostersync {VERSION}\n"


def test_the_images_are_of_this_version() -> None:
    ours = {s["image"] for s in compose()["services"].values() if "build" in s}
    assert ours == {f"rostersync:{VERSION}", f"rostersync-sftp:{VERSION}"}


def test_the_changelogs_newest_version_is_this_one_with_its_day() -> None:
    text = (paths.home() / "CHANGELOG.md").read_text(encoding="utf-8")
    head, newest = re.findall(r"^## (.+)$", text, re.MULTILINE)[:2]
    assert head == "Unreleased"
    assert re.fullmatch(rf"{re.escape(VERSION)} \(\d{{4}}-\d\d-\d\d\)", newest)

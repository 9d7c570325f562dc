"""docs/environment.md, and that no variable is read that is not on it."""

from __future__ import annotations

import re
import subprocess

from rostersync import paths
from rostersync.environment import CONTAINERS, PROGRAM, TESTS
from rostersync.pages.environment_page import PAGE, page

MADE_UP = {"ROSTERSYNC_PROBE"}
"""A test's own, to see that variables reach a task."""

KNOWN = {v.name for v in (*PROGRAM, *CONTAINERS, *TESTS)}


def named_in(*places: str) -> set[str]:
    """The variables of ours that files of these places name; ``AIRFLOW_CONN_ROSTERSYNC_…`` is Airflow's."""
    found = subprocess.run(
        ["git", "grep", "--untracked", "-hoE", r"(^|[^A-Z_])ROSTERSYNC_[A-Z0-9_]+", "--", *places],
        cwd=paths.home(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(re.findall(r"ROSTERSYNC_[A-Z0-9_]+", found.stdout))


def test_the_page_is_what_the_list_says() -> None:
    assert (paths.home() / PAGE).read_text(encoding="utf-8") == page(), (
        "docs/environment.md is stale: run `make docs`"
    )


def test_every_variable_that_is_named_anywhere_is_on_the_page() -> None:
    assert named_in(".") - MADE_UP == KNOWN


def test_each_is_where_the_page_says_it_is_read() -> None:
    program = {v.name for v in PROGRAM}
    assert named_in("plugins", "dags", "docker", "Dockerfile", ":!*/environment.py") <= program | {
        v.name for v in CONTAINERS
    }
    assert {v.name for v in CONTAINERS} <= named_in("docker-compose.yaml")
    assert {v.name for v in TESTS} <= named_in("tests/**/*.py")


def test_the_package_reads_variables_of_ours_by_the_list_alone() -> None:
    code = [*(paths.home() / "plugins").rglob("*.py"), *(paths.home() / "dags").rglob("*.py")]
    read = re.compile(r"environ(?:\.get)?[\[(]\s*[\"']ROSTERSYNC_|getenv\(\s*[\"']ROSTERSYNC_")
    assert [str(p) for p in code if read.search(p.read_text(encoding="utf-8"))] == []


def test_every_variable_says_what_it_means_and_what_holds_without_it() -> None:
    for variable in (*PROGRAM, *CONTAINERS, *TESTS):
        assert variable.meaning, variable.name
        assert variable.default, variable.name

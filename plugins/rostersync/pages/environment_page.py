"""docs/environment.md, made from environment.py."""

from __future__ import annotations

from collections.abc import Iterable

from rostersync.environment import CONTAINERS, PROGRAM, TESTS, Variable
from rostersync.pages.markdown import table

PAGE = "docs/environment.md"

_HEAD = """# Environment variables

<!-- Made by `make docs` from plugins/rostersync/environment.py; do not edit. -->

What may be set around the program. All else is said in the districts' YAML files
([district.md](district.md)) and in Airflow's connections ([connections.md](connections.md)). A variable that is set and empty counts as not set.
"""

_OTHERS = """Read by others, and needed here: `AIRFLOW__API__BASE_URL`, Airflow's own address, to
which alerts link their run, and the `AWS_…` of object storage ([archive.md](archive.md)).
"""


def page() -> str:
    """The page's text."""
    return "\n".join(
        [
            _HEAD,
            "## The program\n",
            _table(PROGRAM),
            "",
            _OTHERS,
            "## docker-compose.yaml\n",
            "Set in `.env` ([production.md](production.md)), besides the archive and the docs' address.\n",
            _table(CONTAINERS),
            "",
            "## Tests\n",
            _table(TESTS),
            "",
        ]
    )


def _table(variables: Iterable[Variable]) -> str:
    rows = [
        (f"`{v.name}`", v.meaning, v.default, f"`{v.example}`" if v.example else "")
        for v in variables
    ]
    return table(("variable", "meaning", "default", "example"), rows)

"""docs/dags.md, made from the DAGs themselves.

The same text is each DAG's documentation in the Airflow UI; the page is for who has no UI at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rostersync import paths

if TYPE_CHECKING:
    from airflow.sdk import DAG

PAGE = "docs/dags.md"
EXAMPLE = "springfield"
"""The district whose DAGs stand for all districts'."""

_HEAD = f"""# The DAGs

<!-- Made by `make docs` from the DAGs' own documentation; do not edit. -->

Each text is the DAG's documentation in the Airflow UI (*Details > Docs*). A district's DAGs are shown as
those of `{EXAMPLE}` (`include/districts/{EXAMPLE}.yaml`); another district's have its own names, times and
connection.

"""


def page() -> str:
    """The page's text. Raises RuntimeError when a DAG file cannot be read."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(paths.home() / "dags")
    if bag.import_errors:
        raise RuntimeError(f"DAG files with errors: {', '.join(bag.import_errors)}")
    found = [d for name, d in sorted(bag.dags.items()) if "__" not in name or _is_example(name)]
    found.sort(key=lambda dag: "__" not in dag.dag_id)
    return _HEAD + _table(found) + "\n" + "\n".join(_section(dag) for dag in found)


def _is_example(name: str) -> bool:
    return name.endswith(f"__{EXAMPLE}")


def _title(dag: DAG) -> str:
    return str(dag.dag_id).replace(f"__{EXAMPLE}", "__<district>")


def _table(dags: Iterable[DAG]) -> str:
    rows = [
        f"| [`{_title(d)}`](#{_anchor(_title(d))}) | {_when(d)} | {(d.description or '').strip()} |\n"
        for d in dags
    ]
    return "| DAG | runs | |\n| :-- | :-- | :-- |\n" + "".join(rows)


def _anchor(title: str) -> str:
    """As Git hosts make it of a heading."""
    return str(re.sub(r"[^\w-]", "", title.lower()))


def _when(dag: DAG) -> str:
    """The cron expressions with their zone; a DAG may be started by data, too."""
    from airflow.sdk import AssetOrTimeSchedule

    timetable = dag.timetable
    inner = getattr(timetable, "timetable", timetable)
    crons = [c for c in getattr(inner, "timetables", [inner]) if hasattr(c, "expression")]
    times = ", ".join(f"`{c.expression}`" for c in crons)
    times += f" {_zone(crons[0].timezone)}" if crons else ""
    by_data = "when something waits" if isinstance(timetable, AssetOrTimeSchedule) else ""
    return " and ".join(filter(None, (times, by_data))) or "when started"


def _zone(zone: Any) -> str:
    return str(getattr(zone, "name", zone))


def _section(dag: DAG) -> str:
    text = (dag.doc_md or "").strip()
    deeper = re.sub(r"^(#+) ", r"##\1 ", text, flags=re.MULTILINE)
    tasks = " → ".join(f"`{task.task_id}`" for task in dag.topological_sort())
    return f"## `{_title(dag)}`\n\nTasks: {tasks}\n\n{deeper}\n"

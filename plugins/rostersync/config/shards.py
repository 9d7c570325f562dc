"""Which file of a big fleet builds a district's DAGs.

Airflow reads a file as a whole and gives up on one that takes too long. So a big fleet is cut into shards:
files ``shard_NN_of_MM.py`` beside the others. The district's id alone says which one, so that a new district
moves no other.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

MOST = 50
"""Districts that a file builds, on average."""
_NAME = re.compile(r"shard_(\d{2,})_of_(\d{2,})\.py")
_TEXT = '''"""Airflow's DAGs of shard {shard} of {count} of the districts; made by `rostersync shards`."""

from rostersync.orchestration.shards import build_shard

for dag in build_shard(__file__):
    globals()[dag.dag_id] = dag
'''


def shard_of(district: str, count: int) -> int:
    """The shard a district belongs to, from 1 to ``count``."""
    return int(hashlib.sha256(district.encode()).hexdigest(), 16) % count + 1


def shards_needed(districts: int) -> int:
    """The power of two that leaves a shard at most 50 districts on average; 1: no shards."""
    count = 1
    while districts > MOST * count:
        count *= 2
    return count


def shard_of_file(file: Path | str) -> tuple[int, int] | None:
    """Shard and count that a file's name says; None: it is not a shard."""
    found = _NAME.fullmatch(Path(file).name)
    return (int(found[1]), int(found[2])) if found else None


def shards_in_force(dags: Path) -> int:
    """The count of the biggest complete set of shard files in a folder; 1: there is none.

    Only this set builds districts. Every file of the folder finds the same, also while another set is being
    written or removed.
    """
    found = Counter(count for _, count in _shards(dags).values())
    return max((c for c, files in found.items() if files == c), default=1)


def districts_per_shard(districts: Sequence[str], count: int) -> dict[str, int]:
    """A shard's file name -> how many of the districts it builds."""
    found = Counter(shard_of(d, count) for d in districts)
    return {_name(n, count): found[n] for n in range(1, count + 1)}


def write_shards(dags: Path, count: int) -> None:
    """Write a set of shard files and remove the others; with a count of 1 there are none.

    The set is complete before another one is touched: at any moment each district is built by one file.
    """
    kept = {_name(n, count): n for n in range(1, count + 1)} if count > 1 else {}
    for name, number in kept.items():
        partial = dags / f".{name}.partial"
        partial.write_text(_TEXT.format(shard=number, count=count), encoding="utf-8")
        os.replace(partial, dags / name)
    for path in _shards(dags):
        if path.name not in kept:
            path.unlink()


def _name(shard: int, count: int) -> str:
    return f"shard_{shard:02}_of_{count:02}.py"


def _shards(dags: Path) -> dict[Path, tuple[int, int]]:
    """The shard files of a folder; a name that no set has (3 of 2, 0 of 4, 2 of 03) is none."""
    found = {path: shard_of_file(path) for path in dags.glob("shard_*_of_*.py")}
    return {
        path: its
        for path, its in found.items()
        if its and 1 <= its[0] <= its[1] and its[1] > 1 and path.name == _name(*its)
    }

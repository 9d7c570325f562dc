"""A fleet of more districts than one DAG file should build, as Airflow reads it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from rostersync.config import load, shards_in_force
from tests.cli.conftest import run

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[2]
NUMBER = 120


def write_district(folder: Path, district: str) -> None:
    n = int(district[1:])
    document: dict[str, object] = {"id": district, "name": district, "timezone": "America/Chicago"}
    if n % 4 == 0:
        document["terms"] = {"day": "sun"}
    if n % 3 == 0:
        document["attendance"] = {"codes": {"A": "absent"}}
    (folder / f"{district}.yaml").write_text(yaml.safe_dump(document))


@pytest.fixture
def districts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "districts"
    folder.mkdir()
    for n in range(NUMBER):
        write_district(folder, f"d{n:03}")
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(folder))
    return folder


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    folder.mkdir()
    for domain in ("core", "terms", "attendance"):
        shutil.copy(PROJECT / "dags" / f"{domain}.py", folder)
    return folder


def by_file(dags: Path) -> dict[str, list[str]]:
    """What each file builds, read alone as the DAG processor does."""
    from airflow.dag_processing.dagbag import DagBag

    found = {}
    for file in sorted(dags.glob("*.py")):
        bag = DagBag(file)
        assert bag.import_errors == {}
        found[file.name] = sorted(bag.dags)
    return found


def built(files: dict[str, list[str]]) -> list[str]:
    return sorted(dag for dags in files.values() for dag in dags)


def all_dags() -> list[str]:
    ids = [f"d{n:03}" for n in range(NUMBER)]
    return sorted(
        [f"core__{i}" for i in ids]
        + [f"terms__{i}" for i in ids[::4]]
        + [f"attendance__{i}" for i in ids[::3]]
    )


@pytest.mark.usefixtures("districts")
def test_every_dag_is_built_once_with_and_without_shards(dags: Path) -> None:
    without = by_file(dags)
    assert built(without) == all_dags()

    written = run("shards", "--dags", dags, "--format", "json").json
    assert (written["count"], sum(written["shards"].values())) == (4, NUMBER)
    shards = by_file(dags)
    assert built(shards) == all_dags()
    assert shards["core.py"] == shards["terms.py"] == shards["attendance.py"] == []
    for name, districts in written["shards"].items():
        assert sum(dag.startswith("core__") for dag in shards[name]) == districts > 0


@pytest.mark.usefixtures("districts")
def test_two_sets_or_half_a_set_build_no_dag_twice(dags: Path) -> None:
    run("shards", "--dags", dags)
    four = by_file(dags)
    saved = {p: p.read_text() for p in dags.glob("shard_*")}
    run("shards", "--count", "2", "--dags", dags)
    assert len(list(dags.glob("shard_*"))) == 2

    for path, text in saved.items():  # a bigger set beside it, as in the middle of a change
        path.write_text(text)
    assert shards_in_force(dags) == 4
    both = by_file(dags)
    assert built(both) == all_dags()
    assert both["shard_01_of_04.py"] == four["shard_01_of_04.py"]

    next(iter(saved)).unlink()  # not complete any more
    assert built(by_file(dags)) == all_dags()
    for path in dags.glob("shard_*_of_02.py"):
        path.unlink()
    left = by_file(dags)
    assert built(left) == all_dags()
    assert len(left["core.py"]) == NUMBER


def test_a_new_district_moves_no_other(dags: Path, districts: Path) -> None:
    run("shards", "--dags", dags)
    before = by_file(dags)
    write_district(districts, "d121")
    run("shards", "--dags", dags)
    after = by_file(dags)
    gained = {name: set(after[name]) - set(before[name]) for name in after}
    assert not any(set(before[name]) - set(after[name]) for name in after)
    assert [dags for dags in gained.values() if dags] == [{"core__d121"}]


@pytest.mark.usefixtures("districts")
def test_a_shard_reads_only_its_own_districts(dags: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.dag_processing.dagbag import DagBag

    shared = run("shards", "--dags", dags, "--format", "json").json["shards"]
    read: list[str] = []
    real = load._read
    monkeypatch.setattr(
        load, "_read", lambda path, *rest: read.append(path.stem) or real(path, *rest)
    )
    bag = DagBag(dags / "shard_02_of_04.py")
    assert len(read) == len(set(read)) == shared["shard_02_of_04.py"]
    assert {d.partition("__")[2] for d in bag.dags} == set(read)

    read.clear()
    DagBag(dags / "core.py")
    assert read == []


@pytest.mark.parametrize("dag", ["core__d000", "attendance__d003"])
def test_in_a_task_one_yaml_is_read_by_whichever_file(
    dags: Path, districts: Path, monkeypatch: pytest.MonkeyPatch, dag: str
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    run("shards", "--dags", dags)
    read: list[str] = []
    real = load._read
    monkeypatch.setattr(
        load, "_read", lambda path, *rest: read.append(path.stem) or real(path, *rest)
    )
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", dag)
    domain, _, district = dag.partition("__")
    for file in (f"{domain}.py", "shard_01_of_04.py", "shard_02_of_04.py"):
        read.clear()
        bag = DagBag(dags / file)
        assert (list(bag.dags), read) == ([dag], [district])


def test_check_says_when_more_are_needed(dags: Path, districts: Path) -> None:
    def check() -> int:
        return run("shards", "--check", "--dags", dags).code

    assert check() == 1
    assert not list(dags.glob("shard_*")), "it writes nothing"
    told = run("shards", "--dags", dags)
    assert "120 districts in 4 files" in told.out
    assert check() == 0
    for n in range(200, 281):
        write_district(districts, f"d{n}")
    assert check() == 1
    assert "8 files are needed" in run("shards", "--check", "--dags", dags).out
    assert run("shards", "--dags", dags).code == 0
    assert len(list(dags.glob("shard_*"))) == 8
    for path in list(districts.glob("d2*")):
        path.unlink()
    run("shards", "--dags", dags)
    assert len(list(dags.glob("shard_*"))) == 8, "it shrinks only when told to"
    assert "no shards" in run("shards", "--count", "1", "--dags", dags).out
    assert not list(dags.glob("shard_*"))


def test_the_files_are_not_committed() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "dags/shard_01_of_04.py"], cwd=PROJECT, capture_output=True
    )
    assert ignored.returncode == 0

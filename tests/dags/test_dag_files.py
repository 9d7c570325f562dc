"""The DAG files as Airflow reads them: what is there, what it costs, and what one broken district does."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync.errors import ConfigError
from rostersync.spec import Domain
from tests.support.clock import zone_at_noon

pytestmark = pytest.mark.airflow

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = {"asyncssh", "duckdb", "great_expectations", "pandas", "paramiko", "psycopg", "pyarrow"}
TASKS = ["wait", "land", "stage", "validate", "diff", "load", "report"]
DISTRICTS = sorted(p.stem for p in (PROJECT / "include" / "districts").glob("*.yaml"))
TERMS = ["terms__springfield"]
ATTENDANCE = ["attendance__grandbend", "attendance__springfield"]
FLEET = ["alerts", "ask", "drift", "heartbeat", "holds", "reopen", "reopen_attendance", "what_if"]
"""DAGs that are there once."""
BROKEN = """
id: broken
name: Broken Schools
timezone: America/Nowhere
cor: {at: "20:00"}
first_load: maybe
rules: {parents.mobil.valid: {min_digits: 7}}
"""


@pytest.fixture(scope="module")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(PROJECT / "dags")


@pytest.fixture(params=DISTRICTS)
def dag(request: pytest.FixtureRequest, bag):
    return bag.dags[f"core__{request.param}"]


@pytest.fixture
def districts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's districts that a test may spoil."""
    folder = tmp_path / "districts"
    shutil.copytree(PROJECT / "include" / "districts", folder)
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(folder))
    return folder


def _in_a_process(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_every_enabled_district_has_its_dag(bag) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == sorted(
        [*(f"core__{d}" for d in DISTRICTS), *TERMS, *ATTENDANCE, *FLEET]
    )


def test_dag_files_hold_the_words_airflow_looks_for() -> None:
    for file in (PROJECT / "dags").glob("*.py"):
        text = file.read_text().lower()
        assert "airflow" in text, file
        assert "dag" in text, file


def test_disabled_district_has_no_dag_but_finishes_its_run(districts: Path) -> None:
    from airflow.dag_processing.dagbag import DagBag

    yaml = districts / "lakeside.yaml"
    yaml.write_text(yaml.read_text() + "enabled: false\n")
    assert "core__lakeside" not in DagBag(PROJECT / "dags").dags

    from rostersync.orchestration.districts import districts_to_build

    running = districts_to_build(Domain.CORE, "core__lakeside")
    assert [c.id for c in running] == ["lakeside"]


def test_broken_district_is_an_import_error_and_the_others_stay(districts: Path) -> None:
    from airflow.dag_processing.dagbag import DagBag

    (districts / "broken.yaml").write_text(BROKEN)
    bag = DagBag(PROJECT / "dags")

    assert sorted(bag.dags) == sorted(
        [*(f"core__{d}" for d in DISTRICTS), *TERMS, *ATTENDANCE, *FLEET]
    )
    ((file, error),) = bag.import_errors.items()
    assert file.endswith("configuration.py")
    for key in ("timezone", "cor", "first_load", "rules.parents.mobil.valid"):
        assert f"broken.yaml: {key}" in error


@pytest.mark.parametrize("dag_id", FLEET)
def test_three_tries_outlast_a_restart_of_the_api_server(dag_id: str, bag) -> None:
    for task in bag.dags[dag_id].tasks:
        assert task.retry_delay >= timedelta(minutes=1), task


def test_districts_that_share_an_account_do_not_run(districts: Path) -> None:
    from rostersync.orchestration.districts import check_districts, enabled_districts

    first, second, *rest = sorted(DISTRICTS)
    shares = f"{{id: {first}, name: x, timezone: UTC, sftp: {{conn_id: sftp_{second}}}}}"
    (districts / f"{first}.yaml").write_text(shares)
    assert [c.id for c in enabled_districts()] == rest
    with pytest.raises(ConfigError, match="found one shared with"):
        check_districts()


def test_a_rule_that_no_suite_has_costs_its_district_alone(districts: Path) -> None:
    from rostersync.orchestration.districts import enabled_districts, find_district

    yaml = districts / "lakeside.yaml"
    yaml.write_text(yaml.read_text() + "rules: {parents.mobil.valid: {min_digits: 7}}\n")
    assert sorted(c.id for c in enabled_districts()) == sorted({*DISTRICTS} - {"lakeside"})
    with pytest.raises(ConfigError, match=r"lakeside\.yaml: rules\.parents\.mobil\.valid"):
        find_district("lakeside")


def test_a_task_reads_only_its_own_districts_file(districts: Path) -> None:
    (districts / "broken.yaml").write_text(BROKEN)
    (districts / "springfield.yaml").write_text("not: [a district")
    script = (
        "from airflow.sdk.definitions.context import get_parsing_context\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "bag = DagBag('dags/core.py')\n"
        "print(sorted(bag.dags), bag.import_errors)\n"
    )
    printed = _in_a_process(
        f"import os; os.chdir({str(PROJECT)!r})\n{script}",
        _AIRFLOW_PARSING_CONTEXT_DAG_ID="core__lakeside",
    )
    assert printed == "['core__lakeside'] {}"


def test_parsing_imports_nothing_heavy_and_reads_no_connection_or_variable() -> None:
    script = f"""
import json, os, sys
os.chdir({str(PROJECT)!r})
from airflow.sdk import Connection, Variable
from airflow.dag_processing.dagbag import DagBag

def read(*args, **kwargs):
    raise AssertionError("read at parse")

Connection.get = Variable.get = read
before = set(sys.modules)
bag = DagBag("dags")
print(json.dumps([bag.import_errors, len(bag.dags), sorted(set(sys.modules))]))
"""
    errors, dags, modules = json.loads(_in_a_process(script))
    assert errors == {}
    assert dags == len(DISTRICTS) + len(TERMS) + len(ATTENDANCE) + len(FLEET)
    assert HEAVY.isdisjoint(modules)


def test_parsing_one_district_takes_less_than_half_a_second() -> None:
    script = f"""
import os, time
os.chdir({str(PROJECT)!r})
from airflow.dag_processing.dagbag import DagBag
DagBag("dags/core.py")  # the imports; a task's process inherits them
started = time.process_time()
DagBag("dags/core.py")
print(time.process_time() - started)
"""
    seconds = _in_a_process(script, _AIRFLOW_PARSING_CONTEXT_DAG_ID="core__springfield")
    assert float(seconds) < 0.5


def test_the_plugin_loader_runs_the_plugin_and_nothing_of_the_package(tmp_path: Path) -> None:
    script = """
import json, sys
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
# The loader registers each file under its bare name: errors, model, run ...
bare = [m for m, module in sys.modules.items() if "plugins/rostersync/" in str(
    getattr(module, "__file__", "")) and not m.startswith("rostersync")]
print(json.dumps([[p.name for p in plugins], errors, bare]))
"""
    names, errors, bare = json.loads(_in_a_process(script))
    assert "rostersync" in names
    assert errors == {}
    assert bare == []


def test_dag_has_the_tasks_in_order_and_reports_last(dag) -> None:
    assert [t.task_id for t in dag.topological_sort()] == TASKS
    for before, after in itertools.pairwise(TASKS):
        assert before in dag.get_task(after).get_flat_relative_ids(upstream=True)
    assert [t.task_id for t in dag.leaves] == ["report"]
    assert dag.get_task("report").trigger_rule == "all_done"
    assert {t.trigger_rule for t in dag.tasks if t.task_id != "report"} == {"all_success"}


def test_dag_fires_daily_at_the_districts_time(dag) -> None:
    from rostersync.orchestration.districts import find_district

    cfg = find_district(dag.dag_id.removeprefix("core__"))
    fires = dag.timetable
    assert fires.expression == f"{cfg.core.at.minute} {cfg.core.at.hour} * * *"
    assert str(fires.timezone) == cfg.timezone
    assert dag.catchup is False
    assert dag.max_active_runs == 1


NEW = """
id: new
name: New Schools
timezone: {zone}
core: {{at: "{at:%H:%M}"}}
terms: {{day: {day}, at: "{at:%H:%M}"}}
attendance:
  codes: {{A: Absent}}
  starts_before: 1m
  notices: [{{id: soon, at: "{notice:%H:%M}", periods: ["1"], codes: [A]}}]
calendar_days: {{weekdays: [mon, tue, wed, thu, fri, sat, sun]}}
"""


@pytest.mark.parametrize("domain", [Domain.CORE, Domain.TERMS, Domain.ATTENDANCE])
@pytest.mark.parametrize(("minutes", "begins"), [(30, False), (10, True)])
def test_a_new_district_begins_with_its_next_slot(
    tmp_path: Path, domain: Domain, minutes: int, begins: bool
) -> None:
    """One of half an hour ago would be told as missed; one that is due now is not lost."""
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction

    from rostersync.config import load_district
    from rostersync.orchestration.factory import build_sync_dag

    zone = zone_at_noon()
    at = datetime.now(zone).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    day, notice = f"{at:%a}".lower(), at + timedelta(minutes=1)
    path = tmp_path / "new.yaml"
    path.write_text(NEW.format(zone=zone.key, at=at, day=day, notice=notice))
    dag = build_sync_dag(load_district(path), domain)

    stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    first = stored.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(None, None, catchup=False)
    )
    assert dag.start_date is None
    assert (first.run_after == at) is begins
    assert begins or first.run_after > datetime.now(UTC)


def test_tasks_have_owner_limits_and_documentation(dag) -> None:
    assert {
        f"district:{dag.dag_id.removeprefix('core__')}",
        "domain:core",
        "rostersync",
    } == dag.tags
    assert dag.owner == "data-ops"
    assert dag.dagrun_timeout
    for task in dag.tasks:
        assert task.doc_md, task
        assert task.retries == 2, task
        assert task.retry_policy, task
        if task.task_id != "wait":  # its trigger knows when to end
            assert task.execution_timeout, task


def test_documentation_speaks_of_every_task_and_param(dag) -> None:
    assert set(dag.params) == {"slot", "source", "wait_minutes"}
    for name in (*TASKS, *dag.params):
        assert f"`{name}`" in dag.doc_md or f"**{name}**" in dag.doc_md, name
    assert "$" not in dag.doc_md
    for param in dag.params.values():
        assert param.description


def test_params_take_what_the_form_offers_and_refuse_the_rest(dag) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    for name, good, bad in [
        ("slot", [None, "2026-09-01"], ["yesterday", 20260901]),
        ("source", ["auto", "archive", "server", "folder"], ["Server", "", None]),
        ("wait_minutes", [None, 0, 90], [-1, 1.5, "ten"]),
    ]:
        param = dag.params.get_param(name)
        for value in good:
            assert param.resolve(value) == value
        for value in bad:
            with pytest.raises(ParamValidationError):
                param.resolve(value)


def test_the_form_left_as_it_is_means_the_night_that_waits() -> None:
    from rostersync.orchestration.districts import find_district
    from rostersync.orchestration.factory import build_sync_dag

    params = build_sync_dag(find_district(DISTRICTS[0]), Domain.CORE).params
    assert params.dump() == {"slot": None, "source": "auto", "wait_minutes": None}


def test_corrections_are_looked_for_every_ten_minutes(bag) -> None:
    reopen = bag.dags["reopen"]
    assert [t.task_id for t in reopen.topological_sort()] == ["look", "open_again"]
    assert reopen.timetable.expression == "*/10 * * * *"
    assert (reopen.catchup, reopen.max_active_runs) == (False, 1)


def test_the_heartbeat_is_looked_for_every_hour(bag) -> None:
    heartbeat = bag.dags["heartbeat"]
    assert [t.task_id for t in heartbeat.tasks] == ["look"]
    assert heartbeat.timetable.expression == "7 * * * *"
    assert (heartbeat.catchup, heartbeat.max_active_runs) == (False, 1)


def test_only_known_pools_are_used(dag) -> None:
    from rostersync.orchestration.pools import POOLS

    assert {t.pool for t in dag.tasks} <= {"default_pool", *(p.name for p in POOLS)}


def test_the_same_yaml_gives_the_same_dag(dag) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    from rostersync.orchestration.districts import find_district
    from rostersync.orchestration.factory import build_sync_dag

    cfg = find_district(dag.dag_id.removeprefix("core__"))

    def serialised() -> str:
        return json.dumps(DagSerialization.serialize_dag(build_sync_dag(cfg, Domain.CORE)))

    assert serialised() == serialised()


def test_a_waiting_hold_keeps_no_other_from_being_asked_about(bag) -> None:
    """A run that waits for a person is an active run, and its task counts as one that runs."""
    holds = bag.dags["holds"]
    assert holds.schedule is None
    assert min(holds.max_active_runs, holds.max_active_tasks) >= 1000
    assert holds.get_task("ask").execution_timeout is None
    assert holds.get_task("ask").pool == "warehouse"


def test_a_load_that_leaves_something_waiting_starts_asking_at_once(bag, dag) -> None:
    from rostersync.orchestration.tasks import SOMETHING_WAITS, WAITING

    assert dag.get_task("load").outlets == [SOMETHING_WAITS]
    asked = bag.dags["ask"].timetable
    assert WAITING in asked.asset_condition.objects
    assert asked.timetable.expression == "5-59/10 * * * *"


def test_terms_are_looked_for_weekly_in_the_districts_own_time(bag) -> None:
    terms = bag.dags["terms__springfield"]
    assert (terms.timetable.expression, str(terms.timetable.timezone)) == (
        "0 6 * * 0",
        "America/Chicago",
    )
    assert [t.task_id for t in terms.topological_sort()] == TASKS


def test_attendance_is_waited_for_before_each_notice_and_in_the_evening(bag) -> None:
    attendance = bag.dags["attendance__springfield"]
    fires = sorted(t.expression for t in attendance.timetable.timetables)
    assert "0 10 * * 1,2,3,4,5" in fires, "half an hour before 10:30"
    assert "0 9 18 12 *" in fires, "and before 9:30 on the day that has another time"
    assert "0 18 * * *" in fires
    assert {str(t.timezone) for t in attendance.timetable.timetables} == {"America/Chicago"}
    assert attendance.max_active_runs > 1, "one notice's wait does not hold up the next one's"
    evening_only = bag.dags["attendance__grandbend"].timetable
    assert [t.expression for t in evening_only.timetables] == ["0 18 * * *"]


def test_a_notices_run_has_a_deadline_two_minutes_before_it(bag) -> None:
    (deadline,) = bag.dags["attendance__springfield"].deadline
    assert deadline.interval == timedelta(minutes=28), "it starts 30 minutes before"
    assert not bag.dags["attendance__grandbend"].deadline, "it has no notice"
    assert not bag.dags["core__springfield"].deadline

"""The compose file against the code: what it names exists, and nothing runs with more than it needs."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rostersync import paths
from rostersync.config import load_district
from rostersync.config.load import district_files
from tests.production.compose import (
    AIRFLOW,
    COMMANDS,
    SERVICES,
    VARIABLE,
    compose,
    environment,
    text,
    variables,
)

LASTING = tuple(name for name in SERVICES if name not in ("init", *COMMANDS))


@pytest.fixture(scope="module")
def options() -> dict[str, Any]:
    spec = importlib.util.find_spec("airflow")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    known: dict[str, Any] = yaml.safe_load((folder / "config_templates" / "config.yml").read_text())
    for provider in ("celery", "fab"):
        info = importlib.import_module(f"airflow.providers.{provider}.get_provider_info")
        known |= info.get_provider_info()["config"]
    return known


def test_every_setting_is_one_that_this_airflow_knows(options: dict[str, Any]) -> None:
    for name in environment():
        if not name.startswith("AIRFLOW__"):
            continue
        _, section, option = name.lower().split("__", 2)
        known = options[section]["options"]
        if option.endswith("_cmd"):
            assert known[option.removesuffix("_cmd")]["sensitive"], f"{name} is read as a value"
        else:
            assert option in known, name


@pytest.mark.airflow
def test_the_executor_can_be_loaded_with_the_locked_packages() -> None:
    from airflow.executors.executor_loader import ExecutorLoader

    name = environment()["AIRFLOW__CORE__EXECUTOR"]
    path = ExecutorLoader.executors[name]
    module, _, attribute = path.rpartition(".")
    assert getattr(importlib.import_module(module), attribute)


def test_every_variable_of_ours_is_read_by_the_code() -> None:
    code = "".join(p.read_text() for p in (paths.home() / "plugins").rglob("*.py"))
    ours = [n for n in environment() if n.startswith("ROSTERSYNC_")]
    assert ours
    assert [n for n in ours if f'"{n}"' not in code] == []


def test_the_secrets_backend_is_there_and_reads_the_mounted_folder() -> None:
    module, _, name = environment()["AIRFLOW__SECRETS__BACKEND"].rpartition(".")
    backend = getattr(importlib.import_module(module), name)
    arguments = json.loads(environment()["AIRFLOW__SECRETS__BACKEND_KWARGS"])
    backend(**arguments)
    place = f"./secrets/connections:{arguments['path']}/connections:ro"
    have = {name for name, s in SERVICES.items() if place in s.get("volumes", [])}
    # tasks read connections on their worker, triggers on the triggerer
    assert have == {"triggerer", "worker", *COMMANDS}


def test_districts_are_the_operators_own_and_the_demos_stay_out() -> None:
    folder = environment()["ROSTERSYNC_DISTRICTS"]
    for service in (*AIRFLOW, *COMMANDS):
        assert f"./districts:{folder}:ro" in SERVICES[service]["volumes"], service
        assert SERVICES[service]["environment"]["ROSTERSYNC_DISTRICTS"] == folder
    assert not district_files(paths.home() / "districts")
    assert "include/districts" in (paths.home() / ".dockerignore").read_text().splitlines()


def test_the_district_of_the_documentation_can_be_used_as_it_is(tmp_path: Path) -> None:
    page = (paths.home() / "docs" / "production.md").read_text()
    found = re.search(r"```yaml\n(id: (\w+)\n.*?)```", page, re.S)
    assert found
    (tmp_path / f"{found[2]}.yaml").write_text(found[1])
    district = load_district(tmp_path / f"{found[2]}.yaml")
    assert district.first_load == "approve"
    assert district.sftp.folder == "/upload", "the folder of docker/sftp"


@pytest.mark.parametrize("service", LASTING)
def test_what_lasts_is_watched_limited_and_started_again(service: str) -> None:
    told = SERVICES[service]
    assert told["restart"] == "unless-stopped"
    assert told["healthcheck"]["test"]
    assert set(told["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert told["logging"]["options"]["max-size"]


@pytest.mark.parametrize("service", list(SERVICES))
def test_every_clock_is_utc(service: str) -> None:
    assert SERVICES[service]["environment"]["TZ"] == "UTC"


@pytest.mark.airflow
@pytest.mark.parametrize("service", [s for s in AIRFLOW if s not in ("init", "history")])
def test_every_command_is_one_of_airflows(service: str) -> None:
    from airflow.cli import cli_parser

    program, *arguments = SERVICES[service]["command"]
    assert program == "airflow"
    cli_parser.get_parser().parse_args(arguments)  # leaves with an error for what it does not know


def test_the_set_up_calls_commands_there_are() -> None:
    from rostersync.cli import main

    script = SERVICES["init"]["command"][-1]
    assert "airflow db migrate" in script
    assert "python -m rostersync.orchestration.rights /run/secrets/admin_password" in script
    assert re.findall(r"^rostersync (.+)", script, re.M) == ["migrate"]
    assert "migrate" in main.commands  # type: ignore[attr-defined]


def test_a_server_that_only_makes_the_databases_is_not_healthy() -> None:
    assert "pg_isready -h 127.0.0.1 " in SERVICES["postgres"]["healthcheck"]["test"][-1]


def test_variables_of_the_file_are_those_of_the_example() -> None:
    page = (paths.home() / ".env.example").read_text()
    example = dict(line.split("=", 1) for line in re.findall(r"^\w+=.*$", page, re.M))
    assert example == variables()
    plain = VARIABLE.sub("", text()).replace("$$", "")
    assert "$" not in plain, "every variable has a value without .env"
    assert ".env" in (paths.home() / ".gitignore").read_text().splitlines()
    assert "`.env.example`" in (paths.home() / "docs" / "production.md").read_text()


def test_addresses_name_services_and_the_ports_they_listen_on() -> None:
    for name, value in environment().items():
        if name == "AIRFLOW__API__BASE_URL":  # what people's browsers go to
            continue
        for host, port in re.findall(r"https?://([a-z-]+):(\d+)", value):
            told = SERVICES[host]
            assert port in json.dumps([told.get("ports"), told["command"], told["healthcheck"]]), (
                value
            )


def test_what_depends_on_another_waits_for_its_health() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other == "init" else "service_healthy"
            assert how == {"condition": expected}, name


def test_images_are_pinned_to_a_version() -> None:
    for name, service in SERVICES.items():
        assert re.fullmatch(r"[a-z/-]+:\d+[\w.-]*(@sha256:[0-9a-f]{64})?", service["image"]), name


def test_our_images_have_the_packages_version() -> None:
    found = re.search(r'^version = "(.+)"', (paths.home() / "pyproject.toml").read_text(), re.M)
    assert found
    ours = {s["image"] for s in SERVICES.values() if s["image"].startswith("rostersync")}
    assert ours == {f"rostersync:{found[1]}", f"rostersync-sftp:{found[1]}"}


def test_files_that_are_mounted_are_there() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("./") and not source.startswith("./secrets"):
                assert (paths.home() / source).exists(), source
            elif not source.startswith("."):
                assert source in compose()["volumes"]


def test_a_lost_worker_is_missed_long_before_its_message_is_delivered_again() -> None:
    from rostersync.orchestration.policy import STEP_TIMEOUT

    told = environment()
    visible = int(told["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"])
    assert visible > STEP_TIMEOUT.total_seconds()
    missed = int(told["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])
    assert missed <= 300


def test_no_task_ends_while_the_api_server_is_away_for_minutes() -> None:
    told = environment()
    workers = "AIRFLOW__WORKERS__EXECUTION_API"
    wait = float(told[f"{workers}_RETRY_WAIT_MIN"])
    assert wait == float(told[f"{workers}_RETRY_WAIT_MAX"]), "else Airflow draws it"
    tried_for = (int(told[f"{workers}_RETRIES"]) - 1) * wait
    assert tried_for >= 240
    # nobody else gives the task up meanwhile
    assert tried_for < int(told["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])
    # the token of one that waits to begin is valid for as long as it may wait
    assert tried_for < int(told["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"])
    # the token of one that runs is made new when a fifth of its life is left
    assert tried_for < int(told["AIRFLOW__EXECUTION_API__JWT_EXPIRATION_TIME"]) / 5


@pytest.mark.parametrize("service", ["worker", "scheduler"])
def test_who_hands_out_and_runs_tasks_starts_after_the_api_server_and_stops_before_it(
    service: str,
) -> None:
    assert "api-server" in SERVICES[service]["depends_on"]
    assert set(SERVICES["api-server"]["depends_on"]) < set(SERVICES[service]["depends_on"])


def test_volumes_are_named_after_the_project_not_the_folder_it_lies_in() -> None:
    assert compose()["name"] == "rostersync"


def test_the_documentation_names_every_secret_and_service() -> None:
    page = (paths.home() / "docs" / "production.md").read_text()
    for name in [*compose()["secrets"], *SERVICES]:
        assert f"`{name}`" in page, name

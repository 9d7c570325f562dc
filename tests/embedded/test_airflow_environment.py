"""What Airflow's processes are told, without starting them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import yaml

from rostersync.embedded.airflow import EmbeddedAirflow


@pytest.fixture
def airflow(tmp_path: Path) -> EmbeddedAirflow:
    return EmbeddedAirflow(
        tmp_path / "airflow",
        database="postgresql://airflow:pw@127.0.0.1:5432/airflow",
        dags=tmp_path / "dags",
        plugins=tmp_path / "plugins",
    )


def test_every_setting_is_one_that_this_airflow_knows(airflow: EmbeddedAirflow) -> None:
    spec = importlib.util.find_spec("airflow")
    assert spec
    assert spec.origin
    known = yaml.safe_load(
        (Path(spec.origin).parent / "config_templates" / "config.yml").read_text()
    )
    for name in airflow.environment():
        if name.startswith("AIRFLOW__"):
            _, section, option = name.lower().split("__")
            assert option in known[section]["options"], name


def test_settings_for_another_airflow_are_left_out(
    airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", "x")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = airflow.environment()
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONN_OTHER" not in environment
    assert "PYTHONDONTWRITEBYTECODE" not in environment


def test_the_callers_variables_come_last(airflow: EmbeddedAirflow) -> None:
    extra = {"ROSTERSYNC_WAREHOUSE": "w", "AIRFLOW__CORE__PARALLELISM": "2"}
    assert airflow.environment(extra).items() >= extra.items()


def test_a_proxy_is_not_asked_for_our_own_servers(
    airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert airflow.environment()["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_keys_and_passwords_outlive_a_restart(airflow: EmbeddedAirflow, tmp_path: Path) -> None:
    again = EmbeddedAirflow(
        airflow.folder, database="postgresql://", dags=tmp_path, plugins=tmp_path
    )
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        assert again.environment()[name] == airflow.environment()[name]
    assert again.users == airflow.users
    assert len(set(airflow.users.values())) == 3

"""The Dockerfile against the repository."""

from __future__ import annotations

import re
import tomllib

from rostersync import paths
from tests.production.compose import compose, environment

TEXT = (paths.home() / "Dockerfile").read_text()
STAGES = {m[1]: m[0] for m in re.finditer(r"FROM \S+ AS (\w+).*?(?=\nFROM |\Z)", TEXT, re.S)}


def test_what_is_copied_is_there_and_not_left_out_of_the_context() -> None:
    allowed = (paths.home() / ".dockerignore").read_text().splitlines()
    assert allowed[0] == "*"
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.M)
        for source in line.split()[:-1]
    ]
    assert copied
    for source in copied:
        name = source.removeprefix("./")
        assert (paths.home() / name).exists(), name
        assert any(name == a[1:] or name.startswith(f"{a[1:]}/") for a in allowed), name


def test_no_secret_can_get_into_the_image() -> None:
    allowed = (paths.home() / ".dockerignore").read_text().splitlines()
    assert not [a for a in allowed if a.startswith("!") and re.search(r"secret|\.local|\.env", a)]
    assert not re.search(r"^(ARG|ENV).*(PASSWORD|SECRET|KEY)", TEXT, re.M)


def test_the_python_is_one_the_project_supports() -> None:
    supported = tomllib.loads((paths.home() / "pyproject.toml").read_text())["project"]
    assert supported["requires-python"] == ">=3.11,<3.14"
    versions = set(re.findall(r"FROM python:(\d+\.\d+)", TEXT))
    assert versions == {"3.12"}


def test_dependencies_are_those_of_the_lock_and_compiled() -> None:
    assert "--no-deps --require-hashes -r requirements.lock" in STAGES["build"]
    assert "compileall" in STAGES["build"]
    assert "PYTHONDONTWRITEBYTECODE" not in TEXT


def test_it_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.+)$", STAGES["airflow"], re.M) == ["50000"]
    assert "useradd --uid 50000" in STAGES["airflow"]


def test_places_are_those_the_compose_file_names() -> None:
    assert re.search(r"^WORKDIR /opt/rostersync$", STAGES["airflow"], re.M)
    assert environment()["AIRFLOW__CORE__DAGS_FOLDER"] == "/opt/rostersync/dags"
    assert environment()["AIRFLOW__CORE__PLUGINS_FOLDER"] == "/opt/rostersync/plugins"
    assert "AIRFLOW_HOME=/opt/airflow" in STAGES["airflow"]
    assert "ROSTERSYNC_HOME=/opt/rostersync" in STAGES["airflow"]
    targets = {s["build"]["target"] for s in compose()["services"].values() if "build" in s}
    assert targets <= set(STAGES)


def test_the_code_finds_its_folders_by_the_variable() -> None:
    code = (paths.home() / "plugins" / "rostersync" / "paths.py").read_text()
    assert "ROSTERSYNC_HOME" in code


def test_sftp_lets_in_keys_only_and_opens_nothing_else() -> None:
    options = dict(
        line.split(maxsplit=1)
        for line in (paths.home() / "docker/sftp/sshd_config").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert options["PasswordAuthentication"] == "no"
    assert options["PermitRootLogin"] == "no"
    assert options["AllowTcpForwarding"] == "no"
    assert options["ForceCommand"].startswith("internal-sftp")
    assert options["ChrootDirectory"] == "/srv/sftp/%u"
    assert options["Port"] == "2222"

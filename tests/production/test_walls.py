"""The compose file's walls: secrets, users, capabilities and networks, each for who cannot do without."""

from __future__ import annotations

import json
import re

import pytest

from rostersync import paths
from tests.production.compose import AIRFLOW, COMMANDS, SERVICES, compose, environment, text


@pytest.mark.parametrize("service", [*AIRFLOW, *COMMANDS])
def test_secrets_come_from_files_the_service_has(service: str) -> None:
    told = SERVICES[service]
    program = paths.home() / "docker" / "airflow" / told["command"][0]
    script = program.read_text() if program.is_file() else ""
    used = json.dumps([told["environment"], told["command"]])
    used += script.replace("${SECRETS:-/run/secrets}", "/run/secrets").replace('"', "")
    named = re.findall(r"/run/secrets/(\w+)|\bsecret (\w+)", used)
    assert {a or b for a, b in named} == set(told["secrets"])


NEEDED = {
    "airflow_db_url": {"init", "api-server", "scheduler", "dag-processor", "triggerer", "history"},
    "api_secret_key": {"api-server"},
    "aws_credentials": {"api-server", "worker", *COMMANDS},
    "broker_url": {"scheduler", "worker", "history"},
    "fernet_key": {"init", "api-server", "scheduler", "triggerer"},
    "jwt_secret": {"api-server", "scheduler"},
    "result_backend": {"scheduler", "worker", "history"},
}
"""Who needs what of Airflow 3: its database who is no worker, signing who hands out or checks tokens."""


def test_who_has_a_secret_needs_it() -> None:
    for secret, services in NEEDED.items():
        assert {n for n, s in SERVICES.items() if secret in s.get("secrets", [])} == services
    assert not set(SERVICES["worker"]["secrets"]) & {"airflow_db_url", "fernet_key", "jwt_secret"}


@pytest.mark.parametrize("service", ["worker", "triggerer"])
def test_who_runs_code_of_dags_opens_no_port(service: str) -> None:
    """Logs lie on one volume: a server of them would be open to who breaks into the SFTP server."""
    assert "--skip-serve-logs" in SERVICES[service]["command"]
    volumes = {v for v in SERVICES[service]["volumes"] if v.startswith("logs:")}
    assert volumes <= set(SERVICES["api-server"]["volumes"])
    assert volumes


def test_every_command_finds_the_warehouse() -> None:
    """In a file, so that no password is in a list of processes."""
    for service in (*AIRFLOW, *COMMANDS):
        told = SERVICES[service]
        owner = service in ("init", "owner")
        expected = (
            "/run/secrets/rostersync_owner_url"
            if owner
            else "/run/airflow/connections/rostersync_warehouse"
        )
        assert told["environment"]["ROSTERSYNC_WAREHOUSE_FILE"] == expected
        assert ("rostersync_owner_url" in told["secrets"]) == owner
    assert "--warehouse" not in text()


def test_every_secret_is_a_file_outside_the_repository() -> None:
    known = compose()["secrets"]
    used = {s for service in SERVICES.values() for s in service.get("secrets", [])}
    assert used == set(known)
    assert all(v == {"file": f"./secrets/{name}"} for name, v in known.items())
    assert "secrets/" in (paths.home() / ".gitignore").read_text().splitlines()


SECRET = re.compile(r"PASSW|SECRET|(^|_)KEY|TOKEN|CREDENTIAL|(^|_)CONN(_|$)|BROKER|RESULT_BACKEND")
NOT_SECRET = {
    "AIRFLOW__SECRETS__BACKEND": "a class",
    "AIRFLOW__SECRETS__BACKEND_KWARGS": "a folder",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "seconds",
}
"""Names that sound like a secret, and what they are."""


def gives_away(name: str, value: str) -> bool:
    """Whether a variable holds a secret itself, not the place of one."""
    if re.search(r"://[^/\s]*:[^/\s]*@", value):
        return True
    if not SECRET.search(name) or name in NOT_SECRET:
        return False
    if name.endswith("_CMD"):
        return not re.fullmatch(r"secret \w+", value)
    return not (name.endswith("_FILE") and re.fullmatch(r"/(run/secrets|dev/shm)/[\w.]+", value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSTGRES_PASSWORD", "x"),
        ("POSTGRES_PASSWORD", "${X}"),
        ("AIRFLOW__CORE__FERNET_KEY", "x"),
        ("AIRFLOW__CORE__FERNET_KEY_CMD", "echo x"),
        ("AIRFLOW__API_AUTH__JWT_SECRET", "x"),
        ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:///x"),
        ("AIRFLOW_CONN_SMTP_DEFAULT", "smtp://mail"),
        ("AIRFLOW__CELERY__BROKER_URL", "redis://redis"),
        ("AIRFLOW__CELERY__RESULT_BACKEND", "x"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("CHAT_TOKEN", "x"),
        ("CHAT", "https://me:pw@chat"),
        ("PASSWORD_FILE", "x"),
    ],
)
def test_a_secret_in_the_file_would_be_found(name: str, value: str) -> None:
    assert gives_away(name, value)


def test_no_value_in_the_file_is_a_secret() -> None:
    looked_at = 0
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            assert not gives_away(name, str(value)), name
            looked_at += bool(SECRET.search(name))
    assert looked_at > 15
    assert not re.search(r"://[^/\s{]*:[^/\s]+@", text())
    assert set(NOT_SECRET) <= set(environment())


@pytest.mark.parametrize("service", [*AIRFLOW, *COMMANDS])
def test_airflow_is_not_root(service: str) -> None:
    assert SERVICES[service]["user"] == "50000:0"


@pytest.mark.parametrize("service", list(SERVICES))
def test_nobody_has_a_capability_that_is_not_named_or_can_gain_one(service: str) -> None:
    told = SERVICES[service]
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert ("cap_add" in told) == (service == "sftp"), "what sshd keeps: test_sftp_server"


STARTS_AS_ROOT = {
    "object-storage": "which user owns the image's /data differs from version to version",
    "sftp": "sshd changes to each district's user and folder",
}
"""Services without a user of their own, and why."""


def test_who_may_start_as_root_is_named_with_the_reason() -> None:
    users = {name: str(s.get("user", "0")).split(":")[0] for name, s in SERVICES.items()}
    assert {name for name, user in users.items() if user in ("0", "root")} == set(STARTS_AS_ROOT)
    assert not {"SYS_ADMIN", "NET_ADMIN", "ALL"} & set(SERVICES["sftp"]["cap_add"])
    page = (paths.home() / "docs" / "production.md").read_text()
    assert "Start as root: " + ", ".join(f"`{name}`" for name in STARTS_AS_ROOT) in page


def test_only_the_ui_and_sftp_are_reached_from_outside() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert published == {"sftp": ["2222:2222"], "api-server": ["127.0.0.1:8080:8080"]}


NETWORKS: dict[str, set[str]] = {
    network: {name for name, s in SERVICES.items() if network in s["networks"]}
    for network in compose()["networks"]
}
"""Who is on each network."""


def test_who_reaches_out_can_and_nobody_else() -> None:
    known = compose()["networks"]
    assert {n for n, how in known.items() if not how.get("internal")} == {"outside", "door"}
    # districts' servers, mail, chats, a cloud's storage; the UI reads the archive
    assert NETWORKS["outside"] == {"api-server", "triggerer", "worker", *COMMANDS}
    option = "com.docker.network.bridge.enable_ip_masquerade"
    assert known["door"]["driver_opts"] == {option: "false"}, "no answer comes back from outside"


def test_who_breaks_into_the_sftp_server_reaches_no_other_server() -> None:
    assert NETWORKS["door"] == {"sftp"}, "alone where strangers come in"
    assert NETWORKS["uploads"] == {"sftp", "triggerer", "worker"}
    assert set(SERVICES["sftp"]["networks"]) == {"door", "uploads"}


def test_only_who_has_the_storages_key_is_on_its_network() -> None:
    """Its servers for itself ask for no key, and one of them cannot be told where to listen."""
    assert SERVICES["object-storage"]["networks"] == ["storage"]
    others = NETWORKS["storage"] - {"object-storage"}
    assert others == {"api-server", "worker", *COMMANDS}
    assert all("aws_credentials" in SERVICES[name]["secrets"] for name in others)
    command = SERVICES["object-storage"]["command"]
    assert {"-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.ip.bind=0.0.0.0"} <= set(command)


def test_databases_and_queue_are_reached_from_inside_alone() -> None:
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]
    assert NETWORKS["inside"] == {"postgres", "redis", *AIRFLOW, *COMMANDS}


def test_postgres_log_holds_no_row() -> None:
    from rostersync.embedded.postgres import _SETTINGS

    verbosity = "log_error_verbosity"
    assert SERVICES["postgres"]["command"][1:] == ["-c", f"{verbosity}={_SETTINGS[verbosity]}"]

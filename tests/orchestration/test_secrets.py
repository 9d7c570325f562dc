"""Connections and variables that lie in a folder, looked up by Airflow itself."""

import json
import traceback

import pytest

from rostersync.errors import ConfigError
from rostersync.orchestration.secrets import FolderBackend

pytestmark = pytest.mark.airflow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for kind in ("connections", "variables"):
        (tmp_path / kind).mkdir()
    monkeypatch.setenv(
        "AIRFLOW__SECRETS__BACKEND", "rostersync.orchestration.secrets.FolderBackend"
    )
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"path": str(tmp_path)}))
    return tmp_path


def find(conn_id):
    """As Airflow's server finds one, through the configured backends."""
    from airflow.configuration import initialize_secrets_backends
    from airflow.models import Connection

    backend = next(b for b in initialize_secrets_backends() if isinstance(b, FolderBackend))
    found = backend.get_connection(conn_id)
    assert found is None or isinstance(found, Connection)
    return found


def test_airflow_finds_json_and_uri(folder):
    one = {"conn_type": "sftp", "host": "h", "login": "u", "extra": {"host_key": "ssh-ed25519 A"}}
    (folder / "connections" / "sftp_a").write_text(json.dumps(one) + "\n")
    (folder / "connections" / "sftp_b.json").write_text(json.dumps(one))
    (folder / "connections" / "warehouse").write_text("postgresql://u:p@db:5432/w\n")
    assert find("sftp_a").extra_dejson == find("sftp_b").extra_dejson == one["extra"]
    assert find("warehouse").host == "db"
    assert find("nobody") is None


def test_the_real_lookup_uses_the_folder(folder):
    from airflow.models import Connection

    (folder / "connections" / "smtp_default").write_text("smtp://u:p@mail:587")
    assert Connection.get_connection_from_secrets("smtp_default").host == "mail"


def test_a_rotated_password_needs_no_restart(folder):
    backend = FolderBackend(path=str(folder))
    path = folder / "connections" / "sftp_a"
    path.write_text("sftp://u:old@h")
    assert backend.get_connection("sftp_a").password == "old"
    path.write_text("sftp://u:new@h")
    assert backend.get_connection("sftp_a").password == "new"


@pytest.mark.parametrize(
    "key", ["../outside", "/etc/passwd", "a/b", "..", ".", "", "a\n", ".hidden"]
)
def test_an_id_that_is_a_path_is_of_no_file(folder, key):
    (folder / "outside").write_text("secret")
    (folder / "variables" / ".hidden").write_text("secret")
    backend = FolderBackend(path=str(folder))
    assert backend.get_variable(key) is None
    assert backend.get_conn_value(key) is None


@pytest.mark.parametrize(
    "content", [b'{"password": "hunter2"', b"hunter2", b'{"host": "hunter2"}', b"hunter2\xff", b""]
)
def test_a_malformed_file_is_named_and_its_content_is_not(folder, content, caplog):
    (folder / "connections" / "sftp_a").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        FolderBackend(path=str(folder)).get_connection("sftp_a")
    text = "".join(traceback.format_exception(caught.value))
    assert "connections/sftp_a" in text
    assert "hunter2" not in text
    # Airflow's own lookup passes over the exception: the log is all that people see.
    (logged,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert "connections/sftp_a" in logged.getMessage()
    assert "hunter2" not in logged.getMessage()


def test_a_variable_is_its_file(folder):
    (folder / "variables" / "region").write_text("west\n")
    assert FolderBackend(path=str(folder)).get_variable("region") == "west"

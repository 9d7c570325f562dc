from __future__ import annotations

import socket
import stat
from pathlib import Path

from rostersync.embedded.state import LOOPBACK, State, is_free


def test_secrets_and_ports_are_kept_over_restarts(tmp_path: Path) -> None:
    first = State(tmp_path / "state.json")
    secret, port = first.secret("password ops"), first.port("api")
    second = State(tmp_path / "state.json")
    assert (second.secret("password ops"), second.port("api")) == (secret, port)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    state.secret("password ops")
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


def test_a_port_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    port = state.port("api")
    with socket.socket() as other:
        other.bind((LOOPBACK, port))
        other.listen()
        assert not is_free(port)
        assert state.port("api") != port


def test_two_services_get_two_ports(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    assert len({state.port(name) for name in ("api", "sftp", "postgres")}) == 3


def test_two_secrets_differ(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    assert state.secret("a") != state.secret("b")

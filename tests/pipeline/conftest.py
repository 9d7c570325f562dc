from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from tests.pipeline.one_slot import OneSlot


@pytest.fixture
def desk(tmp_path: Path, warehouse: str) -> Iterator[OneSlot]:
    with SftpServer(tmp_path / "sftp", {"testville": "pw-one"}) as server:
        yield OneSlot(tmp_path, warehouse, server)

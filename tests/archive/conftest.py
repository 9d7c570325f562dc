"""An archive of each kind."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.archive import Archive
from tests.support.object_storage import BUCKET, object_storage


@pytest.fixture(scope="session")
def storage() -> Iterator[dict[str, str]]:
    with object_storage() as variables:
        yield variables


@pytest.fixture(params=["local", "s3"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    if request.param == "local":
        return Archive(tmp_path / "archive")
    request.getfixturevalue("storage")
    return Archive(f"s3://{BUCKET}/{uuid.uuid4().hex}")

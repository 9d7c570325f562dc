"""A real HTTP server that speaks S3, on loopback, with a bucket."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import fsspec
import pytest

BUCKET = "archive-of-tests"


@contextmanager
def object_storage() -> Iterator[dict[str, str]]:
    """Starts it, with the environment that leads to it; the variables."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "a-key-of-tests",
        "AWS_SECRET_ACCESS_KEY": "a-secret-of-tests",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        for name in [n for n in os.environ if n.lower().endswith("_proxy")]:
            patch.delenv(name)
        fsspec.filesystem("s3").clear_instance_cache()
        with suppress(FileExistsError):  # servers of one process share what they keep
            fsspec.filesystem("s3").mkdir(BUCKET)
        try:
            yield variables
        finally:
            fsspec.filesystem("s3").clear_instance_cache()
            server.stop()

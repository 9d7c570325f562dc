"""The client of Airflow's API where there is no Airflow."""

from __future__ import annotations

import pytest

from rostersync.embedded.airflow_api import AirflowClient
from rostersync.errors import TransientError


def test_without_a_server_the_error_is_one_to_try_again() -> None:
    client = AirflowClient("http://127.0.0.1:9", "admin", "x")
    with pytest.raises(TransientError, match="cannot be reached"):
        client.health()

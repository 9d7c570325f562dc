"""Airflow has the pools the tasks name, without anybody setting them up."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.airflow


@pytest.fixture
def pools(airflow_database: None):
    from airflow.models.pool import Pool

    from rostersync.orchestration.pools import POOLS

    def drop() -> None:
        for pool in POOLS:
            if Pool.get_pool(pool.name) is not None:
                Pool.delete_pool(pool.name)

    drop()
    yield Pool
    drop()


@pytest.mark.slow
def test_a_starting_component_creates_missing_pools_and_keeps_changed_ones(pools) -> None:
    from airflow.jobs.job import Job

    pools.create_or_update_pool("warehouse", 1, "a small server", include_deferred=False)

    Job()  # what scheduler, DAG processor and triggerer make of themselves when they start

    assert pools.get_pool("sftp").slots == 8
    assert pools.get_pool("warehouse").slots == 1


@pytest.mark.slow
def test_a_starting_task_leaves_the_database_alone(pools) -> None:
    from rostersync.orchestration.listener import on_starting

    on_starting(object())
    assert pools.get_pool("sftp") is None

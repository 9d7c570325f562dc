"""The pools: how many districts may use a server at one time.

A task whose pool does not exist waits for ever without a word. So the pools are not left to a set-up step:
every Airflow component that has the database creates the missing ones when it starts (see ``listener.py``).
Sizes are set in Airflow (Admin > Pools) and then kept.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool and the slots it starts with."""

    name: str
    slots: int
    description: str


SFTP = Pool(
    "sftp", 8, "Districts whose upload is fetched at one time (stock sshd refuses the eleventh)"
)
WAREHOUSE = Pool("warehouse", 4, "Districts that load into the warehouse at one time")

POOLS = (SFTP, WAREHOUSE)


def create_missing() -> list[str]:
    """Create the pools that do not exist, leave the others as they are; the names of the new ones.

    Needs Airflow's database: for its components, not for tasks or DAG files.
    """
    from airflow.models.pool import Pool as Known

    new = [pool for pool in POOLS if Known.get_pool(pool.name) is None]
    for pool in new:
        Known.create_or_update_pool(pool.name, pool.slots, pool.description, include_deferred=False)
    return [pool.name for pool in new]

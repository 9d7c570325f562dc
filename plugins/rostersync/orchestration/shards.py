"""The districts' DAGs by file: all of a domain in one, or, of a big fleet, those of a shard in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from airflow.sdk import DAG, get_parsing_context

from rostersync.config import shard_of, shard_of_file, shards_in_force
from rostersync.orchestration.districts import (
    districts_to_build,
    domain_of,
    enabled_districts,
    syncs,
)
from rostersync.orchestration.factory import build_sync_dag
from rostersync.spec import Domain

_DOMAINS = (Domain.CORE, Domain.TERMS, Domain.ATTENDANCE)


def build_domain(domain: Domain, file: str) -> Iterator[DAG]:
    """The DAGs of a domain; none when the shards beside ``file`` build them.

    In a task only the task's DAG, whoever builds it now: it may have begun before the shards were written.
    """
    own = get_parsing_context().dag_id
    if own is None and shards_in_force(Path(file).parent) > 1:
        return
    for cfg in districts_to_build(domain, own):
        yield build_sync_dag(cfg, domain)


def build_shard(file: str) -> Iterator[DAG]:
    """The DAGs of the districts whose shard ``file`` is; none when another set of shards is in force.

    In a task only the task's DAG, as :func:`build_domain`.
    """
    own = get_parsing_context().dag_id
    if own is not None:
        domain = domain_of(own)
        for cfg in districts_to_build(domain, own):
            yield build_sync_dag(cfg, domain)
        return
    place = shard_of_file(file)
    if place is None or place[1] != shards_in_force(Path(file).parent):
        return
    shard, count = place
    for cfg in enabled_districts(lambda district: shard_of(district, count) == shard):
        for domain in _DOMAINS:
            if syncs(cfg, domain):
                yield build_sync_dag(cfg, domain)

"""Airflow's nightly DAGs ``core__<district>``, one per enabled file of include/districts."""

from rostersync.orchestration.shards import build_domain
from rostersync.spec import Domain

for dag in build_domain(Domain.CORE, __file__):  # none where shards build them
    globals()[dag.dag_id] = dag

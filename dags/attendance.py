"""Airflow's DAGs ``attendance__<district>``, one per enabled district with attendance on."""

from rostersync.orchestration.shards import build_domain
from rostersync.spec import Domain

for dag in build_domain(Domain.ATTENDANCE, __file__):  # none where shards build them
    globals()[dag.dag_id] = dag

"""Airflow's DAGs ``attendance__<district>``, one per enabled district with attendance on."""

from airflow.sdk import get_parsing_context

from rostersync.orchestration.districts import districts_to_build
from rostersync.orchestration.factory import build_sync_dag
from rostersync.spec import Domain

for cfg in districts_to_build(Domain.ATTENDANCE, get_parsing_context().dag_id):
    dag = build_sync_dag(cfg, Domain.ATTENDANCE)
    globals()[dag.dag_id] = dag

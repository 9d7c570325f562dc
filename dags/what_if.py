"""Airflow's DAG ``what_if``: a sync that writes nothing."""

from rostersync.orchestration.what_if import build_what_if_dag

dag = build_what_if_dag()

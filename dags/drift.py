"""Airflow's DAG ``drift``: the warehouse against the archive, weekly."""

from rostersync.orchestration.drift import build_drift_dag

dag = build_drift_dag()

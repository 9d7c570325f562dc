"""Airflow's DAG ``alerts``: tries again to deliver what nobody has got."""

from rostersync.orchestration.alerts import build_alerts_dag

dag = build_alerts_dag()

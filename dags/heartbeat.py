"""Airflow's hourly DAG ``heartbeat``: tells which districts' nights were never run."""

from rostersync.orchestration.heartbeat import build_heartbeat_dag

dag = build_heartbeat_dag()

"""Airflow's DAG ``reopen``: corrections that districts send before the end of the wait."""

from rostersync.orchestration.reopen import build_reopen_dag

dag = build_reopen_dag()

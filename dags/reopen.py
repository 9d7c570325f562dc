"""Airflow's DAGs ``reopen`` and ``reopen_attendance``: corrections that come before the end of the wait."""

from rostersync.orchestration.reopen import build_reopen_attendance_dag, build_reopen_dag

dag = build_reopen_dag()
attendance = build_reopen_attendance_dag()

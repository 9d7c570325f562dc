"""Airflow's DAGs ``holds`` and ``ask``: what waits for a person, and the person's answer."""

from rostersync.orchestration.hold_runs import build_ask_dag
from rostersync.orchestration.holds import build_holds_dag

holds = build_holds_dag()
ask = build_ask_dag()

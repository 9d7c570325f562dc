"""Airflow: the DAG factory, the sensor and its trigger, the tasks."""

"""No DAG: a broken district file is shown in Airflow as this file's import error, with its keys."""

from rostersync.orchestration.districts import check_districts

check_districts()

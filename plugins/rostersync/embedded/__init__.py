"""Postgres, an SFTP server and Airflow on one bare machine: the demo, the tests, a first sync."""

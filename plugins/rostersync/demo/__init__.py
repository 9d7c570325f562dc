"""The embedded stack: Postgres, an SFTP server and Airflow on one bare machine."""

"""What rostersync adds to Airflow's pages. Runs in the API server: no duckdb, no Great Expectations."""

"""The environment variables of this project: their names, defaults and meaning are said here alone.

docs/environment.md is made from this list, and a test finds names that are not in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One variable. ``meaning`` and ``default`` are Markdown; ``example`` is a value as one writes it."""

    name: str
    meaning: str
    default: str = ""
    example: str = ""

    def get(self) -> str | None:
        """Its value now; None where it is not set, or empty."""
        return os.environ.get(self.name) or None


HOME = Variable(
    "ROSTERSYNC_HOME",
    "the project folder, which holds `include/` and `expectations/`; needed where the package is installed"
    " apart from it (a wheel, the image)",
    "the checkout",
    "/opt/rostersync",
)
DISTRICTS = Variable(
    "ROSTERSYNC_DISTRICTS",
    "the folder of the districts' YAML files",
    "`include/districts` of the project folder",
    "/srv/districts",
)
EXPECTATIONS = Variable(
    "ROSTERSYNC_EXPECTATIONS",
    "the folder of the suites",
    "`expectations` of the project folder",
    "/srv/expectations",
)
STATE = Variable(
    "ROSTERSYNC_STATE",
    "the folder of the embedded stack: the Postgres that commands start, their archive, the demo",
    "`.local` of the project folder",
    "/var/lib/rostersync",
)
ARCHIVE = Variable(
    "ROSTERSYNC_ARCHIVE",
    "where the archive lies: a folder that all workers share, or object storage"
    " ([archive.md](archive.md)). The workers and the API server need it",
    "of commands `archive` of the embedded stack's folder; Airflow has none",
    "s3://rostersync/archive",
)
WAREHOUSE = Variable(
    "ROSTERSYNC_WAREHOUSE",
    "the warehouse's URL. In Airflow the connection `rostersync_warehouse` comes before it"
    " ([connections.md](connections.md))",
    "of commands the embedded Postgres, started for the command; Airflow has none",
    "postgresql://loader:…@db.example.org:5432/warehouse?sslmode=verify-full",
)
WAREHOUSE_FILE = Variable(
    "ROSTERSYNC_WAREHOUSE_FILE",
    "a file with that URL, or with Airflow's connection as JSON, as secrets are mounted: commands read it"
    " where `ROSTERSYNC_WAREHOUSE` is not set",
    "none; in the compose stack the connection's file",
    "/run/airflow/connections/rostersync_warehouse",
)
DOCS_URL = Variable(
    "ROSTERSYNC_DOCS_URL",
    "where this repository's `docs` folder can be read, your Git host's page of it, say: alerts link their"
    " runbook there",
    "links are paths in the repository",
    "https://git.example.org/rostersync/docs",
)
DUCKDB_MEMORY = Variable(
    "ROSTERSYNC_DUCKDB_MEMORY",
    "memory of DuckDB in one step; what does not fit is written to temporary files",
    "`1GB`",
    "2GB",
)
DUCKDB_SPILL = Variable(
    "ROSTERSYNC_DUCKDB_SPILL",
    "what DuckDB writes to temporary files at most in one step; a step that needs more fails, and the disk"
    " has room for the others",
    "`20GB`",
    "50GB",
)
DUCKDB_THREADS = Variable(
    "ROSTERSYNC_DUCKDB_THREADS",
    "threads of DuckDB in one step",
    "as many as the machine has cores, at most 4",
    "2",
)
RETRY_SECONDS = Variable(
    "ROSTERSYNC_RETRY_SECONDS",
    "seconds until a task that met a broken connection is tried again; doubled, and up to twice that,"
    " before the last try",
    "`120`",
    "60",
)
DEBUG = Variable(
    "ROSTERSYNC_DEBUG",
    "`1`: errors with their traceback, which may hold values of the files. Not on a server whose logs others"
    " read",
    "off",
    "1",
)

PROGRAM = (
    HOME,
    DISTRICTS,
    EXPECTATIONS,
    STATE,
    ARCHIVE,
    WAREHOUSE,
    WAREHOUSE_FILE,
    DOCS_URL,
    DUCKDB_MEMORY,
    DUCKDB_SPILL,
    DUCKDB_THREADS,
    RETRY_SECONDS,
    DEBUG,
)
"""Those that the package reads."""

CONTAINERS = (
    Variable(
        "ROSTERSYNC_UI_URL", "Airflow's address, as browsers know it", "`http://localhost:8080`"
    ),
    Variable("ROSTERSYNC_UI_PORT", "the port of Airflow on this machine", "`8080`"),
    Variable("ROSTERSYNC_SFTP_PORT", "the port of the districts' SFTP server", "`2222`"),
    Variable(
        "ROSTERSYNC_ACCOUNT_MB",
        "what a district's account may hold, in megabytes; with more it may not write until it holds less",
        "`20000`",
    ),
    Variable(
        "ROSTERSYNC_S3_ENDPOINT",
        "the address of the object storage",
        "`http://object-storage:8333`, the one in the compose file",
    ),
    Variable("ROSTERSYNC_S3_REGION", "its region", "`us-east-1`"),
)
"""Those that docker-compose.yaml reads besides (``.env.example``)."""

TESTS = (
    Variable(
        "ROSTERSYNC_HISTORIES", "how many random histories are lived through", "`240`", "20000"
    ),
    Variable(
        "ROSTERSYNC_SEED", "other histories, schedules and crashes than every day's", "`1`", "7"
    ),
    Variable("ROSTERSYNC_HISTORY", "this history alone, as a failure printed it", "all", "2/117"),
    Variable(
        "ROSTERSYNC_EXAMPLES",
        "how many times as many random files (crashes: how many) as in every day's run",
        "`1` (crashes: `2`)",
        "50",
    ),
)
"""Those that the tests read."""

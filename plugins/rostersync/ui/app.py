"""The pages behind Airflow's login, under ``/rostersync``."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import (
    GetUserDep,
    requires_access_dag,
    requires_authenticated,
)
from fastapi import Depends, FastAPI, HTTPException, Path
from fastapi.responses import StreamingResponse

from rostersync.archive import Archive, Layout

log = logging.getLogger(__name__)

PREFIX = "/rostersync"
ARCHIVE_URL = "ROSTERSYNC_ARCHIVE"
_BLOCK = 1 << 20

app = FastAPI(
    title="rostersync",
    dependencies=[Depends(requires_authenticated())],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)

District = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")]
HoldId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]

# Who may answer a hold may see whose rows it is about; a viewer may neither.
_MAY_ANSWER = requires_access_dag("PUT", DagAccessEntity.HITL_DETAIL, param_dag_id="holds")


@app.get("/holds/{district}/{hold_id}/changes.csv", dependencies=[Depends(_MAY_ANSWER)])
def hold_changes(district: District, hold_id: HoldId, user: GetUserDep) -> StreamingResponse:
    """Every row that waits, as a CSV file. Who took it is in the API server's log."""
    archive = _archive()
    name = Layout.hold_changes(district, hold_id)
    if not archive.exists(name):
        raise HTTPException(404, "This hold has no list of changes (any more).")
    log.warning("Hold %s of %s: list of changes taken by %s", hold_id, district, user.get_name())
    return StreamingResponse(
        _blocks(archive, name),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{district}-{hold_id[:8]}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _archive() -> Archive:
    url = os.environ.get(ARCHIVE_URL)
    if not url:
        raise HTTPException(503, f"The API server does not know the archive: set {ARCHIVE_URL}.")
    return Archive(url)


def _blocks(archive: Archive, name: str) -> Iterator[Any]:
    with archive.reading(name) as f:
        while block := f.read(_BLOCK):
            yield block

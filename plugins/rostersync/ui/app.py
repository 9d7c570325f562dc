"""The pages behind Airflow's login, under ``/rostersync``."""

from __future__ import annotations

import logging
from typing import Annotated

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import (
    GetUserDep,
    requires_access_dag,
    requires_authenticated,
)
from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import StreamingResponse

from rostersync.archive import Layout
from rostersync.ui import data_docs
from rostersync.ui.archive import District, blocks, open_archive

log = logging.getLogger(__name__)

PREFIX = "/rostersync"

app = FastAPI(
    title="rostersync",
    dependencies=[Depends(requires_authenticated())],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)
app.include_router(data_docs.router)

HoldId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def _may_answer(request: Request, district: District, user: GetUserDep) -> None:
    """Who may answer a district's hold may see whose rows it is about; a viewer may neither."""
    requires_access_dag("PUT", DagAccessEntity.HITL_DETAIL, param_dag_id="holds")(request, user)
    requires_access_dag("PUT", param_dag_id=f"core__{district}")(request, user)


@app.get("/holds/{district}/{hold_id}/changes.csv", dependencies=[Depends(_may_answer)])
def hold_changes(district: District, hold_id: HoldId, user: GetUserDep) -> StreamingResponse:
    """Every row that waits, as a CSV file. Who took it is in the API server's log."""
    archive = open_archive()
    name = Layout.hold_changes(district, hold_id)
    if not archive.exists(name):
        raise HTTPException(404, "This hold has no list of changes (any more).")
    log.warning("Hold %s of %s: list of changes taken by %s", hold_id, district, user.get_name())
    return StreamingResponse(
        blocks(archive, name),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{district}-{hold_id[:8]}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )

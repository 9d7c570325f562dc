"""DAG *holds* asks about every district's holds: who operates one district answers for that one only.

Airflow's rights end at the DAG. Beyond them, a change of a run of *holds* needs the right to edit the
district's own DAG; any other change of *holds*, or of all DAGs at once, that to edit DAG *ask*, which the
fleet's operators have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
_RUN = re.compile(r"/dags/holds/dagRuns/([^/]+)/")
_FLEET = re.compile(r"/api/v2/dags(/holds(/.*)?)?/?$")
FLEET_DAG = "ask"


def asked_dag(method: str, path: str) -> str | None:
    """The DAG one must be able to edit for this request beside Airflow's own rules; None: no other."""
    if method in _LOOKS:
        return None
    if run := _RUN.search(path):
        return f"core__{run[1].rsplit('__', 3)[0]}"
    return FLEET_DAG if _FLEET.search(path) else None


class OwnDistrictOnly:
    """Middleware of Airflow's API server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 403."""
        dag = asked_dag(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if dag and not await _may_edit(Request(scope), dag):
            refused = JSONResponse({"detail": f"This needs the right to edit DAG {dag}."}, 403)
            return await refused(scope, receive, send)
        await self.app(scope, receive, send)


async def _may_edit(request: Request, dag: str) -> bool:
    """Whether they may, or Airflow itself will refuse them: nobody is logged in."""
    try:
        user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return True
    return await run_in_threadpool(
        get_auth_manager().is_authorized_dag, method="PUT", details=DagDetails(id=dag), user=user
    )

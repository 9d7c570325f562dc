"""Who operates one district changes nothing of another's holds, and does not stop the fleet's questions."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.airflow

RUN = "/api/v2/dags/holds/dagRuns/elm__core__2026-09-02__1f"


@pytest.mark.parametrize(
    ("method", "path", "dag"),
    [
        ("PATCH", f"{RUN}/taskInstances/ask/-1/hitlDetails", "core__elm"),
        ("PATCH", f"{RUN}/taskInstances/ask", "core__elm"),
        ("POST", f"{RUN}/clear", "core__elm"),
        ("PATCH", "/api/v2/dags/holds/dagRuns/a__b__terms__2026-09-02__1f/x", "core__a__b"),
        ("POST", "/api/v2/dags/holds/dagRuns", "ask"),
        ("PATCH", "/api/v2/dags/holds", "ask"),
        ("POST", "/api/v2/dags/holds/clearTaskInstances", "ask"),
        ("PATCH", "/api/v2/dags", "ask"),
        ("GET", f"{RUN}/taskInstances/ask/-1/hitlDetails", None),
        ("POST", "/api/v2/dags/core__elm/dagRuns", None),
        ("POST", "/api/v2/dags/holdsworth/dagRuns", None),
    ],
)
def test_a_change_of_holds_asks_for_a_right_beside_airflows(
    method: str, path: str, dag: str | None
) -> None:
    from rostersync.ui.own_district import asked_dag

    assert asked_dag(method, path) == dag


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        ("aspen", RUN.replace("elm", "aspen") + "/x", 200),
        ("aspen", RUN + "/x", 403),
        ("aspen", "/api/v2/dags/holds", 403),
        (None, RUN + "/x", 200),  # Airflow's own answer: 401
    ],
)
def test_the_right_is_looked_up_for_who_asks(
    token: str | None, path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi import HTTPException
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from rostersync.ui import own_district

    class Manager:
        def is_authorized_dag(self, *, method: str, details: Any, user: str) -> bool:
            assert method == "PUT"
            return bool(details.id == f"core__{user}")

    async def get_user(request: Any, _: None, bearer: Any) -> str:
        if bearer is None:
            raise HTTPException(401)
        return str(bearer.credentials)

    monkeypatch.setattr(own_district, "get_auth_manager", Manager)
    monkeypatch.setattr(own_district, "get_user", get_user)
    app = Starlette(
        routes=[Route("/{rest:path}", lambda request: Response("airflow"), methods=["PATCH"])]
    )
    app.add_middleware(own_district.OwnDistrictOnly)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert TestClient(app).patch(path, headers=headers).status_code == status

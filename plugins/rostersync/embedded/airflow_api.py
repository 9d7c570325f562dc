"""A small client of Airflow's REST API, logged in as one user."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from rostersync.errors import TerminalError, TransientError

FINISHED = ("success", "failed")


class AirflowClient:
    """Logs in at the first call and again when its token has expired.

    Raises TransientError when the server cannot be reached or answers 5xx, TerminalError (with
    ``status`` in its ``where``) when it refuses.

    ``url``: of the API server, ``http://127.0.0.1:8080``. ``user``: name of the login. ``password``: its
    password.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._user = user
        self._password = password
        # trust_env: a proxy of the machine must not see requests to our own server.
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._token: str | None = None

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def health(self, since: datetime | None = None) -> dict[str, str]:
        """Component -> ``healthy``, ``unhealthy`` or ``unknown``; needs no login.

        ``since``: a component not heard of since then is ``unknown``: after a crash Airflow still takes the
        last run's heartbeat for this one's.
        """
        answer = self.send("GET", "/api/v2/monitor/health", login=False)
        health = {name: part.get("status") or "unknown" for name, part in answer.items() if part}
        for name, part in answer.items():
            heard = (part or {}).get(f"latest_{name}_heartbeat")
            if since and heard and datetime.fromisoformat(heard) < since:
                health[name] = "unknown"
        return health

    def import_errors(self) -> dict[str, str]:
        """DAG file -> why it does not import."""
        answer = self.send("GET", "/api/v2/importErrors")
        return {error["filename"]: error["stack_trace"] for error in answer["import_errors"]}

    def dag_ids(self) -> list[str]:
        """Ids of the DAGs that Airflow knows, sorted."""
        answer = self.send("GET", "/api/v2/dags", params={"limit": 100, "order_by": "dag_id"})
        return [dag["dag_id"] for dag in answer["dags"]]

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
        run_id: str | None = None,
    ) -> str:
        """Start a run; its id."""
        body = {
            "conf": dict(conf or {}),
            "logical_date": logical_date.astimezone(UTC).isoformat() if logical_date else None,
            **({"dag_run_id": run_id} if run_id else {}),
        }
        run = self.send("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)
        return str(run["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """A run as Airflow describes it: ``state``, ``start_date``, ``end_date`` ..."""
        run: dict[str, Any] = self.send("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        return run

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The DAG's runs as Airflow describes them, by the time they are for; 100 at most."""
        path = f"/api/v2/dags/{dag_id}/dagRuns"
        answer = self.send("GET", path, params={"limit": 100, "order_by": "run_after"})
        return list(answer["dag_runs"])

    def backfills(self, dag_id: str) -> list[dict[str, Any]]:
        """The DAG's backfills as Airflow describes them; ``completed_at`` is None while one is on its way."""
        answer = self.send("GET", "/api/v2/backfills", params={"dag_id": dag_id})
        return list(answer["backfills"])

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """Task id -> state, in the order of the graph's keys."""
        answer = self.send("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances")
        return {task["task_id"]: task["state"] for task in answer["task_instances"]}

    def required_actions(self) -> list[dict[str, Any]]:
        """What waits for a person's answer, as Airflow describes it."""
        path = "/api/v2/dags/~/dagRuns/~/hitlDetails"
        answer = self.send("GET", path, params={"limit": 100, "state": "awaiting_input"})
        return list(answer["hitl_details"])

    def answer(
        self, dag_id: str, run_id: str, task_id: str, option: str, given: Mapping[str, Any]
    ) -> None:
        """Answer a required action, as its form does. ``given``: the form's other fields."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        body = {"chosen_options": [option], "params_input": dict(given)}
        self.send("PATCH", path, json=body)

    def clear(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Clear one task of a run, as a person does: it runs again."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [task_id],
            "only_failed": False,
            "reset_dag_runs": True,
        }
        self.send("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", json=body)

    def wait_for_run(
        self,
        dag_id: str,
        run_id: str,
        *,
        timeout: float,
        on_poll: Callable[[dict[str, str | None]], None] | None = None,
    ) -> str:
        """Wait until a run has ended: ``success`` or ``failed``.

        ``dag_id``: the DAG. ``run_id``: the run. ``timeout``: seconds after which TransientError is raised.
        ``on_poll``: gets the states of its tasks about once a second.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            state = self.run(dag_id, run_id)["state"]
            if on_poll:
                on_poll(self.task_states(dag_id, run_id))
            if state in FINISHED:
                return str(state)
            time.sleep(1)
        raise TransientError(
            "An Airflow run does not end",
            dag=dag_id,
            run=run_id,
            expected=f"an end within {timeout:.0f} s",
            found=", ".join(f"{t} {s}" for t, s in self.task_states(dag_id, run_id).items()),
        )

    def send(self, method: str, path: str, *, login: bool = True, **request: Any) -> Any:
        """One request of the REST API, as this user; its answer. ``request``: what httpx takes (``json``)."""
        answer = self._answer(method, path, login=login, **request)
        if answer.status_code == httpx.codes.UNAUTHORIZED and login:
            self._token = None
            answer = self._answer(method, path, login=login, **request)
        if answer.is_success:
            return answer.json()
        kind = TransientError if answer.is_server_error else TerminalError
        raise kind(
            "Airflow's API refused a request",
            request=f"{method} {path}",
            user=self._user,
            status=answer.status_code,
            found=answer.text[:500],
        )

    def _answer(self, method: str, path: str, *, login: bool, **request: Any) -> httpx.Response:
        try:
            if login and self._token is None:
                credentials = {"username": self._user, "password": self._password}
                granted = self._http.post("/auth/token", json=credentials)
                if not granted.is_success:
                    return granted
                self._token = granted.json()["access_token"]
            headers = {"Authorization": f"Bearer {self._token}"} if login else {}
            return self._http.request(method, path, headers=headers, **request)
        except httpx.TransportError as error:
            raise TransientError(
                "Airflow's API cannot be reached",
                url=str(self._http.base_url),
                found=type(error).__name__,
            ) from error

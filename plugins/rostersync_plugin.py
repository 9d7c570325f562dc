"""What rostersync adds to Airflow itself. Loaded by every component and task: no heavy import here."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from rostersync.orchestration import listener
from rostersync.orchestration.docs_link import DataDocsLink


class _Pages:
    """The pages, imported when the API server asks for them: a task must not pay for a web framework."""

    def __get__(self, plugin: object, owner: type | None = None) -> list[dict[str, Any]]:
        from rostersync.ui.app import PREFIX, app

        return [{"app": app, "url_prefix": PREFIX, "name": "rostersync"}]


class _Walls:
    """What stands before all of Airflow's pages, imported by the API server only, for the same reason."""

    def __get__(self, plugin: object, owner: type | None = None) -> list[dict[str, Any]]:
        from rostersync.ui.own_district import OwnDistrictOnly

        return [{"middleware": OwnDistrictOnly, "name": "own district only"}]


class RosterSyncPlugin(AirflowPlugin):
    """Creates missing pools when a component starts; serves the pages and knows the links to them."""

    name = "rostersync"
    listeners = [listener]  # noqa: RUF012  # Airflow's interface
    operator_extra_links = [DataDocsLink()]  # noqa: RUF012  # as above
    fastapi_apps = _Pages()  # type: ignore[assignment]
    fastapi_root_middlewares = _Walls()  # type: ignore[assignment]

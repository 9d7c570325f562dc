"""Roles of people in Airflow's FAB auth manager: whole fleet or one district, to operate or to look.

``python -m rostersync.orchestration.rights [FILE]`` brings them to what the districts' files say. It adds and
takes nothing away: a role of a district that is gone stays until somebody removes it (``airflow roles
delete``). People and their passwords are Airflow's own (``airflow users create --role operator_springfield
...``); FILE holds the password of the first one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from airflow.providers.common.compat.security.permissions import RESOURCE_ASSET
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.auth_manager.security_manager.override import (
    FabAirflowSecurityManagerOverride as Defaults,
)
from airflow.providers.fab.www.security import permissions

from rostersync.orchestration.districts import dag_id, enabled_districts
from rostersync.orchestration.holds import HOLDS
from rostersync.spec import Domain

Permission = tuple[str, str]
"""An action (``can_read``) and what it is about (``DAG Runs``, ``DAG:core__springfield``)."""

OPERATOR, VIEWER = "operator", "viewer"
_EVERY_DAG = permissions.RESOURCE_DAG
_DELETES = permissions.ACTION_CAN_DELETE
# Airflow's own list for a viewer, and what its users may do besides, without removing anything or
# saying that data is there (assets start DAGs). Values that tasks hand on (XComs) nobody writes.
_LOOKS: list[Permission] = [
    *Defaults.VIEWER_PERMISSIONS,
    (permissions.ACTION_CAN_ACCESS_MENU, permissions.RESOURCE_HITL_DETAIL),
]
_ACTS: list[Permission] = [
    *_LOOKS,
    *(p for p in Defaults.USER_PERMISSIONS if p[0] != _DELETES and p[1] != RESOURCE_ASSET),
    (permissions.ACTION_CAN_CREATE, permissions.RESOURCE_BACKFILL),
    (permissions.ACTION_CAN_EDIT, permissions.RESOURCE_BACKFILL),
]


def roles(districts: Iterable[str]) -> dict[str, set[Permission]]:
    """Role -> what it may: ``operator`` and ``viewer`` of all, and one of each for each district.

    A district's operator answers in DAG *holds*, where all districts' holds are asked about; that they answer
    their own district's only is held by ``ui/own_district.py``.
    """
    found = {OPERATOR: set(_ACTS), VIEWER: set(_LOOKS)}
    for district in districts:
        dags = {dag_id(domain, district) for domain in Domain if domain is not Domain.ALL}
        found[f"{OPERATOR}_{district}"] = _narrowed(_ACTS, {*dags, HOLDS})
        found[f"{VIEWER}_{district}"] = _narrowed(_LOOKS, dags)
    return found


def _narrowed(whole: Iterable[Permission], dags: Iterable[str]) -> set[Permission]:
    """The same with these DAGs in place of all."""
    actions = {a for a, what in whole if what == _EVERY_DAG} - {permissions.ACTION_CAN_ACCESS_MENU}
    rest = {p for p in whole if p[1] != _EVERY_DAG or p[0] not in actions}
    return rest | {(a, permissions.resource_name(dag, _EVERY_DAG)) for a in actions for dag in dags}


def sync_roles(first_password: str = "") -> list[str]:
    """Bring the roles in Airflow's database to this; returns their names.

    ``first_password``: of the login ``admin``, which is made where nobody has a login yet.
    """
    wanted = roles(district.id for district in enabled_districts())
    with get_application_builder() as appbuilder:
        security = appbuilder.sm
        security.bulk_sync_roles(
            [{"role": role, "perms": sorted(perms)} for role, perms in wanted.items()]
        )
        if first_password and not security.count_users():
            admin = security.find_role("Admin")
            security.add_user("admin", "admin", "", "admin@localhost", admin, first_password)
    return list(wanted)


if __name__ == "__main__":
    given = Path(sys.argv[1]).read_text(encoding="utf-8").strip() if sys.argv[1:] else ""
    for name in sync_roles(given):
        sys.stdout.write(f"role {name}\n")

"""The DAG ``drift``: once a week, every row of every district's current tables against the archive."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param, get_current_context, task

from rostersync.orchestration import pools
from rostersync.orchestration.districts import districts_to_build, find_district
from rostersync.orchestration.fleet_dag import fleet_dag
from rostersync.orchestration.runs import archive_url, warehouse_url
from rostersync.orchestration.tasks import step
from rostersync.spec import Domain

log = logging.getLogger(__name__)

DRIFT = "drift"


def build_drift_dag() -> DAG:
    """Saturdays, when most districts send nothing."""
    with fleet_dag(
        DRIFT,
        dag_display_name="Drift: the warehouse against the archive",
        description="Compares every row of the current tables with what was loaded",
        doc="drift.md",
        schedule=CronTriggerTimetable("0 14 * * 6", timezone="UTC"),
        max_active_runs=1,
        dagrun_timeout=timedelta(days=1),
        params={
            "district": Param(
                "", type="string", title="District", description="Its id. Empty: all enabled ones."
            ),
            "repair": Param(
                False,
                type="boolean",
                title="Repair",
                description="Put right what is found; loads of the district wait meanwhile.",
            ),
        },
    ) as dag:
        chosen = task(districts)()
        task(
            pool=pools.WAREHOUSE.name,
            map_index_template="{{ district_id }}",
            multiple_outputs=False,
        )(compare_all).expand(district=chosen)
    return dag


@step
def districts() -> list[str]:
    """The district that was asked for, else all enabled ones."""
    asked = get_current_context()["params"]["district"].strip()
    if asked:
        return [find_district(asked).id]
    return [cfg.id for cfg in districts_to_build(Domain.CORE, None)]


@step
def compare_all(district: str) -> dict[str, Any]:
    """Compare every row of a district with the archive. Reads only, unless the run is to repair.

    Failed with DriftError: rows differ; the error has counts. Trigger this DAG with the district's id and
    *Repair*, once you know who wrote them.
    """
    from rostersync.archive import Archive
    from rostersync.errors import DriftError
    from rostersync.pipeline.watch.drift import find_drift, repair_drift

    context: Any = get_current_context()
    context["district_id"] = district
    archive, warehouse = Archive(archive_url()), warehouse_url()
    found_by_domain = {}
    left = []
    for domain in (d for d in Domain if d is not Domain.ALL):
        if context["params"]["repair"]:
            found = repair_drift(warehouse, archive, district=district, domain=domain)
        else:
            found = find_drift(warehouse, archive, district=district, domain=domain, full=True)
        if found.found:
            log.warning("%s: %s", domain, found.words())
            found_by_domain[str(domain)] = found.words()
        if found.found and not found.is_repaired:
            left.append(f"{domain}: {found.words()}")
    if left:
        raise DriftError(
            "The warehouse's tables are not as the last load left them",
            district=district,
            found="; ".join(left),
            next_step="find out who wrote, then trigger this DAG for the district with Repair"
            " (docs/runbooks/drift.md)",
        )
    return found_by_domain

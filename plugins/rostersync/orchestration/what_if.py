"""The DAG ``what_if``: what would a district's files do to the warehouse now? It writes nothing."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from rostersync.config import slot_of
from rostersync.orchestration import pools
from rostersync.orchestration.districts import find_district
from rostersync.orchestration.fleet_dag import fleet_dag
from rostersync.orchestration.results import to_xcom
from rostersync.orchestration.runs import archive_url, ledger_id, warehouse_url
from rostersync.orchestration.tasks import step
from rostersync.orchestration.trigger import find_account
from rostersync.spec import Domain

log = logging.getLogger(__name__)

WHAT_IF = "what_if"
_DOMAINS = [str(d) for d in Domain if d is not Domain.ALL]


def build_what_if_dag() -> DAG:
    """Runs by hand only."""
    with fleet_dag(
        WHAT_IF,
        dag_display_name="What if: a sync that writes nothing",
        description="Today's files of a district against today's warehouse",
        doc="what_if.md",
        schedule=None,
        dagrun_timeout=timedelta(hours=3),
        params=_params(),
    ) as dag:
        task(pool=pools.SFTP.name, multiple_outputs=False)(rehearse)()
    return dag


def _params() -> dict[str, Param]:
    return {
        "district": Param(
            "",
            type="string",
            title="District",
            description="Its id, as in include/districts.",
            minLength=1,
        ),
        "domain": Param(_DOMAINS[0], type="string", enum=_DOMAINS, title="What to sync"),
        "slot": Param(
            None,
            type=["null", "string"],
            title="Slot",
            description="The night, or attendance's local date and time. Empty: the one that is due now.",
        ),
    }


@step
def rehearse() -> dict[str, Any]:
    """Fetch what lies on the server, check it, and tell what it would change and what would wait.

    Nothing is written to the archive, the warehouse or the ledger, and no load waits for it. Failed: the
    server, the archive or the warehouse could not be read. An upload that would be rejected is an answer.
    """
    from rostersync.landing import expected_files, list_upload
    from rostersync.pipeline.ground.run import new_run
    from rostersync.pipeline.steps.dry_run import dry_run_server
    from rostersync.reporting import markdown_report, summary_line

    context = get_current_context()
    params = context["params"]
    domain = Domain(params["domain"])
    cfg = find_district(params["district"])
    slot = slot_of(
        domain,
        params_slot=params["slot"],
        logical_date=None,
        run_after=context["dag_run"].run_after,
        cfg=cfg,
    )
    run = new_run(
        cfg,
        slot,
        archive=archive_url(),
        warehouse=warehouse_url(),
        domain=domain,
        run_id=ledger_id(context),
    )
    account = find_account(cfg.sftp.conn_id, cfg.sftp.folder)
    listing = asyncio.run(list_upload(account, expected_files(cfg, domain).values()))
    result = dry_run_server(run, account, listing, on_step=log.info)
    line = summary_line(result, cfg.id, slot)
    log.info("What if: %s", line)
    log.info("\n%s", markdown_report(result, district=cfg.id, slot=slot, landing=None))
    if result.message:
        log.info("%s", result.message)
    return {**to_xcom(result), "summary": line}

"""The deadline of a notice's file: Airflow's callback before its time, and a look every two minutes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from rostersync.attendance import DEADLINE, past_deadline
from rostersync.config import DistrictConfig
from rostersync.errors import RosterSyncError
from rostersync.landing import SftpAccount, WaitPlan
from rostersync.orchestration.alerts import deliver_now
from rostersync.orchestration.districts import districts_to_build, find_district
from rostersync.orchestration.look_trigger import assess_look
from rostersync.orchestration.runs import archive_url, warehouse_url
from rostersync.orchestration.trigger import find_account, list_politely
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.validation import Suites

log = logging.getLogger(__name__)


def deadlines(cfg: DistrictConfig) -> list[DeadlineAlert]:
    """Of a run that began before a notice: two minutes before its time; none without notices.

    Airflow drops it when the run has ended well by then.
    """
    if cfg.attendance is None or not cfg.attendance.notices:
        return []
    return [
        DeadlineAlert(
            reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
            interval=max(cfg.attendance.starts_before - DEADLINE, timedelta()),
            callback=SyncCallback(tell_if_silent, kwargs={"district": cfg.id}),
        )
    ]


def tell_if_silent(district: str) -> None:
    """Raise and deliver the alert that a district's attendance is missing, if it is.

    Looks at the ledger: the run this is a deadline of may be a backfill of last week. Never raises for what
    it finds: an alert that cannot be raised is in the log of the callback.
    """
    try:
        cfg = find_district(district)
    except RosterSyncError as error:
        log.error("%s: %s", type(error).__name__, error)
        return
    if cfg.enabled and _is_alerted(cfg):
        deliver_now()


def tell_all_silent() -> int:
    """As :func:`tell_if_silent`, of every district whose deadline has passed; how many alerts.

    Finds what no run's deadline does: a run that was never made, or that ended well and served no notice.
    """
    now = datetime.now(UTC)
    late = [cfg for cfg in districts_to_build(Domain.ATTENDANCE, None) if past_deadline(cfg, now)]
    raised = sum(_is_alerted(cfg) for cfg in late)
    if raised:
        deliver_now()
    return raised


def _is_alerted(cfg: DistrictConfig) -> bool:
    from rostersync.pipeline.watch.deadlines import tell_if_silent

    try:
        raised = tell_if_silent(
            cfg,
            lambda: districts_to_build(Domain.ATTENDANCE, None),
            archive=archive_url(),
            warehouse=warehouse_url(),
            arriving=_arriving,
        )
    except RosterSyncError as error:
        log.error("%s: %s: %s", cfg.id, type(error).__name__, error)
        return False
    log.info("%s: %s", cfg.id, raised.subject if raised else "nothing to tell")
    return raised is not None


def _arriving(places: Sequence[tuple[DistrictConfig, str]]) -> set[str]:
    """The districts whose server holds a file for the slot that is not landed; none that cannot be read."""
    from rostersync import paths
    from rostersync.validation import load_suites

    suites = load_suites(paths.expectations_folder()) if places else None
    looks = [look for cfg, slot in places if (look := _look_for(cfg, slot, suites))]

    async def look_at_all() -> list[bool]:
        return await asyncio.gather(*(_is_arriving(*look) for look in looks))

    found = asyncio.run(look_at_all())
    return {district for (district, *_), is_so in zip(looks, found, strict=True) if is_so}


def _look_for(
    cfg: DistrictConfig, slot: str, suites: Suites | None
) -> tuple[str, WaitPlan, SftpAccount] | None:
    from rostersync.pipeline.ground.run import new_run
    from rostersync.pipeline.steps.wait import plan_wait

    run = new_run(
        cfg,
        slot,
        archive=archive_url(),
        warehouse=warehouse_url(),
        domain=Domain.ATTENDANCE,
        suites=suites,
    )
    try:
        account = find_account(cfg.sftp.conn_id, cfg.sftp.folder)
        return cfg.id, plan_wait(run), account
    except RosterSyncError as error:
        log.warning("%s: %s", cfg.id, error)
        return None


async def _is_arriving(district: str, plan: WaitPlan, account: SftpAccount) -> bool:
    try:
        found = assess_look(plan, await list_politely(account, plan.files.values()))
    except RosterSyncError as error:
        log.warning("%s: %s", district, error)
        return False
    return bool(found.strangers.temporary) or plan.has_news(found)
